"""Puts cases before Python's http.client. The lines are those of docs/parse.md."""

import base64
import http.client
import io
import json
import platform
import re
import sys


class Starved(Exception):
    """More is asked for than there is."""


class Peer(io.RawIOBase):
    """A connection whose other end has sent some octets."""

    def __init__(self, octets, eof):
        self.octets, self.eof = octets, eof

    def readable(self):
        return True

    def readinto(self, buffer):
        n = min(len(buffer), len(self.octets))
        if n == 0 and not self.eof:
            raise Starved
        buffer[:n] = self.octets[:n]
        self.octets = self.octets[n:]
        return n


class Socket:
    def __init__(self, peer):
        self.peer = peer

    def makefile(self, mode):
        return io.BufferedReader(self.peer)


def words(err):
    return (type(err).__name__ + " " + re.sub(r"[:(]? ?(['\"\[].*|[0-9]{2,}.*)", "", str(err)))[:60].strip()


def replay(case):
    method = case.get("request_method") or "GET"
    peer = Peer(base64.b64decode(case["bytes_b64"]), case.get("eof", False))
    response = http.client.HTTPResponse(Socket(peer), method=method)
    try:
        response.begin()
        if method == "CONNECT" and 200 <= response.status < 300:
            return {"skip": "HTTPResponse does not know of tunnels"}
        body = response.read()
    except Starved:
        return {"verdict": "hang"}
    except (http.client.HTTPException, ValueError, OSError, OverflowError, MemoryError) as err:
        return {"verdict": "reject", "why": words(err)}
    return {
        "verdict": "accept",
        "status": response.status,
        "reason": response.reason,
        "version": "HTTP/1.1" if response.version == 11 else "HTTP/1.0",
        "headers": [[name, value] for name, value in response.getheaders()],
        "body_b64": base64.b64encode(body).decode(),
        "reusable": not response.will_close,
    }


def main():
    about = {"driver": "http.client", "version": platform.python_version(), "sides": ["client"], "caps": {}}
    print(json.dumps(about), flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps({"id": case.get("id"), **replay(case)}), flush=True)


main()
