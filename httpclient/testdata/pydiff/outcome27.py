"""Tell what httplib of Python 2.7 makes of responses.

The counterpart of outcome.py, with the same input and output. httplib keeps the lines of the field
section; each is taken apart here as httplib does it, and a line that goes on with the one before is
joined to it with a line break and a space.
"""

import base64
import hashlib
import httplib
import io
import json
import sys

LONGEST = 120


class Socket(object):
    """A socket whose peer sent octets and closed the connection."""

    def __init__(self, octets):
        self.octets = octets

    def makefile(self, mode, size):
        return io.BufferedReader(io.BytesIO(self.octets))


def text(octets):
    if len(octets) > LONGEST:
        return "<%d octets, SHA-256 %s>" % (len(octets), hashlib.sha256(octets).hexdigest()[:16])
    return octets.decode("iso-8859-1")


def fields(message):
    found = []
    for line in message.headers:
        if line[0] in " \t" and found:
            found[-1][1] += "\r\n " + line.strip()
        else:
            name, value = line.split(":", 1)
            found.append([name, value.strip()])
    return [[text(name), text(value)] for name, value in found]


def outcome(case):
    octets = base64.b64decode(case["octets"])
    found = {"name": case["name"], "sum": hashlib.sha256(octets).hexdigest()[:12]}
    response = httplib.HTTPResponse(Socket(octets), method=str(case["method"]))
    try:
        response.begin()
    except Exception as err:
        found["error"] = type(err).__name__
        return found
    found["version"] = response.version
    found["status"] = response.status
    found["reason"] = text(response.reason)
    found["fields"] = fields(response.msg)
    found["will_close"] = bool(response.will_close)
    try:
        found["content"] = text(response.read())
    except Exception as err:
        found["error"] = type(err).__name__
        if isinstance(err, httplib.IncompleteRead):
            found["content"] = text(err.partial)
    return found


def main():
    cases = json.load(sys.stdin)["cases"]
    found = {"python": sys.version, "outcomes": [outcome(case) for case in cases]}
    json.dump(found, sys.stdout)


main()
