"""Tell what http.client makes of responses.

Reads {"cases": [{"name", "method", "octets"}]} from standard input, octets in base64, and writes
{"python": sys.version, "outcomes": [...]}, one outcome for each case and in their order. Text stands
for octets, each character for the octet with its number (ISO-8859-1).
"""

import base64
import hashlib
import http.client
import io
import json
import sys

# What is longer than this is recorded by its length and its digest.
LONGEST = 120


class Socket:
    """A socket whose peer sent octets and closed the connection."""

    def __init__(self, octets):
        self.octets = octets

    def makefile(self, mode):
        return io.BufferedReader(io.BytesIO(self.octets))


def text(octets):
    """Return octets as text, or what stands for them if they are many."""
    if len(octets) > LONGEST:
        return "<%d octets, SHA-256 %s>" % (len(octets), hashlib.sha256(octets).hexdigest()[:16])
    return octets.decode("iso-8859-1")


def outcome(case):
    octets = base64.b64decode(case["octets"])
    found = {"name": case["name"], "sum": hashlib.sha256(octets).hexdigest()[:12]}
    response = http.client.HTTPResponse(Socket(octets), method=case["method"])
    try:
        response.begin()
    except Exception as err:
        found["error"] = type(err).__name__
        return found
    found["version"] = response.version
    found["status"] = int(response.status)
    found["reason"] = text(response.reason.encode("iso-8859-1"))
    found["fields"] = [
        [name, text(value.encode("iso-8859-1"))] for name, value in response.headers.items()
    ]
    found["will_close"] = bool(response.will_close)
    try:
        found["content"] = text(response.read())
    except Exception as err:
        found["error"] = type(err).__name__
        if isinstance(err, http.client.IncompleteRead):
            found["content"] = text(err.partial)
    return found


def main():
    cases = json.load(sys.stdin)["cases"]
    found = {"python": sys.version, "outcomes": [outcome(case) for case in cases]}
    json.dump(found, sys.stdout)


main()
