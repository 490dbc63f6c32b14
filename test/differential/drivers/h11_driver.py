"""Puts cases before h11, in both roles. The lines are those of docs/parse.md."""

import base64
import json
import re
import sys

import h11


def text(octets):
    return bytes(octets).decode("latin-1")


def fields(headers):
    return [[text(name), text(value)] for name, value in headers.raw_items()]


def words(err):
    """An error without what it quotes, so that errors of a kind have the same words."""
    return re.sub(r"[:(]? ?(b?['\"{].*|[0-9]{4,}.*)", "", str(err))[:60]


class Message:
    """A message under way, and what has come of it."""

    def __init__(self, head):
        self.head, self.body, self.trailers, self.whole = head, b"", [], False


class Replay:
    def __init__(self, case):
        self.octets = base64.b64decode(case["bytes_b64"])
        self.eof = case.get("eof", False)
        self.messages, self.interim, self.error = [], [], None
        self.first_reusable, self.leftover = False, None

    def run(self):
        """Goes on until nothing more can come of the octets."""
        given = 0
        while True:
            try:
                event = self.conn.next_event()
            except h11.RemoteProtocolError as err:
                self.error = err
                return
            if event is h11.NEED_DATA:
                if given == 0 and self.octets:
                    self.conn.receive_data(self.octets)
                elif given <= 1 and self.eof:
                    self.conn.receive_data(b"")
                    given = 1
                else:
                    return
                given += 1
            elif self.take(event):
                return

    def take(self, event):
        """Notes an event, and returns whether it is over."""
        if isinstance(event, (h11.Request, h11.Response)):
            self.messages.append(Message(event))
        elif isinstance(event, h11.InformationalResponse):
            if event.status_code == 101:
                self.messages.append(Message(event))
                self.messages[0].whole = True
                self.leftover = bytes(self.conn.trailing_data[0])
                return True
            self.interim.append(event.status_code)
        elif isinstance(event, h11.Data):
            self.messages[-1].body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            self.messages[-1].trailers = fields(event.headers)
            self.messages[-1].whole = True
            return self.whole()
        elif event is h11.PAUSED:
            if self.messages and self.messages[0].head and not self.messages[0].whole:
                self.messages[0].whole = True
            self.leftover = bytes(self.conn.trailing_data[0])
            return True
        elif isinstance(event, h11.ConnectionClosed):
            return True
        return False

    def verdict(self):
        first = self.messages[0] if self.messages else None
        if first and first.whole:
            return {"verdict": "accept"}
        if self.error:
            return {"verdict": "reject", "why": words(self.error)}
        if self.eof:
            return {"verdict": "reject", "why": "closed"}
        return {"verdict": "hang"}

    def result(self):
        result = self.verdict()
        if result["verdict"] != "accept":
            return result
        first = self.messages[0]
        result.update(
            headers=fields(first.head.headers),
            trailers=first.trailers,
            version="HTTP/" + text(first.head.http_version),
            body_b64=base64.b64encode(first.body).decode(),
            reusable=self.first_reusable,
        )
        if self.switched:
            result["leftover_b64"] = base64.b64encode(self.leftover or b"").decode()
        return result


class Client(Replay):
    def __init__(self, case):
        super().__init__(case)
        self.conn = h11.Connection(h11.CLIENT)
        method = case.get("request_method") or "GET"
        headers = [("Host", "h")]
        if b" 101" in self.octets:
            headers += [("Connection", "Upgrade"), ("Upgrade", "x")]
        target = "h:1" if method == "CONNECT" else "/"
        self.conn.send(h11.Request(method=method, target=target, headers=headers))
        self.conn.send(h11.EndOfMessage())
        self.switched = False

    def whole(self):
        self.first_reusable = self.conn.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}
        if self.first_reusable:
            # Its user takes up the connection again, and what has come by then is an answer to nothing.
            self.conn.start_next_cycle()
            try:
                self.first_reusable = self.conn.next_event() is h11.NEED_DATA
            except h11.RemoteProtocolError:
                self.first_reusable = False
        return True

    def result(self):
        switched = h11.SWITCHED_PROTOCOL in self.conn.states.values()
        self.switched = switched
        result = super().result()
        if result["verdict"] == "accept":
            head = self.messages[0].head
            result.update(status=head.status_code, reason=text(head.reason), interim=self.interim)
        return result


class Server(Replay):
    def __init__(self, case):
        super().__init__(case)
        self.conn = h11.Connection(h11.SERVER)
        self.switched = False

    def whole(self):
        """Answers the request, and goes on while that may be."""
        connect = self.messages[-1].head.method == b"CONNECT"
        self.conn.send(h11.Response(status_code=200, headers=[] if connect else [("Content-Length", "2")]))
        if connect:
            self.switched = True
            self.leftover = bytes(self.conn.trailing_data[0])
            return True
        if self.messages[-1].head.method != b"HEAD":
            self.conn.send(h11.Data(data=b"ok"))
        self.conn.send(h11.EndOfMessage())
        persists = self.conn.our_state is h11.DONE
        if len(self.messages) == 1:
            self.first_reusable = persists
        if not persists:
            return True
        self.conn.start_next_cycle()
        return False

    def result(self):
        result = super().result()
        if result["verdict"] != "accept":
            return result
        whole = [m for m in self.messages if m.whole]
        first = whole[0].head
        result.update(
            method=text(first.method),
            target=text(first.target),
            messages=len(whole),
            more=[
                {
                    "method": text(m.head.method),
                    "target": text(m.head.target),
                    "body_b64": base64.b64encode(m.body).decode(),
                }
                for m in whole[1:]
            ],
        )
        if len(whole) > 1:
            result.pop("leftover_b64", None)
        return result


def main():
    about = {"driver": "h11", "version": h11.__version__, "sides": ["client", "server"], "caps": {"trailers": True}}
    print(json.dumps(about), flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        replay = (Server if case["side"] == "server" else Client)(case)
        replay.run()
        print(json.dumps({"id": case.get("id"), **replay.result()}), flush=True)


main()
