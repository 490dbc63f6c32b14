"""Python's http.server as a peer: its own file serving, with TLS beside it, and
what the tests ask of a server that http.server leaves to its users.

    httpd.py --http HOST:PORT --https HOST:PORT --cert PEM --key PEM
             --root DIR --upload DIR [--protocol HTTP/1.0]
             [--requests N] [--timeout SECONDS]
"""

import argparse
import hashlib
import http.server
import os
import socketserver
import ssl
import sys
import threading

PART = 8191  # size of the chunks that are sent


class BadBody(Exception):
    """The content of a request does not follow its framing."""


def read_exactly(stream, size):
    data = stream.read(size)
    if len(data) != size:
        raise BadBody(f"content ended after {len(data)} of {size} octets")
    return data


def read_chunked(stream):
    parts = []
    while True:
        line = stream.readline(1024)
        if not line.endswith(b"\r\n"):
            raise BadBody(f"chunk line {line!r}")
        size = int(line.split(b";", 1)[0].strip(), 16)
        if size == 0:
            break
        parts.append(read_exactly(stream, size))
        if stream.read(2) != b"\r\n":
            raise BadBody("no CRLF after chunk data")
    trailers = []
    while (line := stream.readline(65537)) not in (b"\r\n", b"\n", b""):
        trailers.append(line.decode("latin-1").rstrip("\r\n"))
    return b"".join(parts), trailers


class Handler(http.server.SimpleHTTPRequestHandler):
    requests = 0  # requests served on one connection, 0: any number
    upload = ""
    served = 0
    disable_nagle_algorithm = True  # head and content are two writes
    ragged = False  # end the connection without close_notify

    def handle_one_request(self):
        super().handle_one_request()
        self.served += 1
        # Nothing announces it: the connection just ends between two requests.
        if self.requests and self.served >= self.requests:
            self.close_connection = True

    def log_message(self, format, *args):
        # One write a line, so that lines of two threads do not mix.
        sys.stderr.write(f"{self.address_string()} {format % args}\n")

    # -- what is asked for

    def dispatch(self, fallback):
        path = self.path.split("?", 1)[0]
        head, _, name = path[1:].partition("/")
        route = getattr(self, "route_" + head.replace("-", "_"), None)
        if route is None:
            return fallback()
        try:
            route(name)
        except BadBody as err:
            self.close_connection = True
            self.send_error(400, str(err))
        except FileNotFoundError:
            self.send_error(404)

    def unsupported(self):
        self.close_connection = True  # the content was not read
        self.send_error(501)

    def do_GET(self):
        self.dispatch(super().do_GET)

    def do_HEAD(self):
        self.dispatch(super().do_HEAD)

    def do_any(self):
        self.dispatch(self.unsupported)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_any

    # -- reading and answering

    def body(self):
        self.trailers = []
        coding = self.headers.get("Transfer-Encoding", "").strip().lower()
        if coding == "chunked":
            data, self.trailers = read_chunked(self.rfile)
            return data
        if coding:
            raise BadBody(f"transfer coding {coding!r}")
        length = self.headers.get("Content-Length")
        return read_exactly(self.rfile, int(length)) if length else b""

    def file(self, name):
        with open(os.path.join(self.directory, os.path.basename(name)), "rb") as f:
            return f.read()

    def answer(self, data, status=200, **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def answer_chunked(self, data, trailers=(), extension=b"", **fields):
        self.send_response(200)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        if self.protocol_version < "HTTP/1.1" or self.request_version < "HTTP/1.1":
            return self.finish_until_close(data)
        self.send_header("Transfer-Encoding", "chunked")
        if trailers:
            self.send_header("Trailer", ", ".join(name for name, _ in trailers))
        self.end_headers()
        if self.command == "HEAD":
            return
        for i in range(0, len(data), PART):
            part = data[i : i + PART]
            self.wfile.write(b"%x%s\r\n%s\r\n" % (len(part), extension, part))
        end = "".join(f"{name}: {value}\r\n" for name, value in trailers)
        self.wfile.write(b"0\r\n" + end.encode("latin-1") + b"\r\n")

    def finish_until_close(self, data):
        self.close_connection = True
        if self.request_version != "HTTP/0.9":
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    # -- routes: /NAME or /NAME/FILE

    def route_redir(self, _):
        self.body()
        self.answer(b"moved\n", 301, Location="/index.html", Content_Type="text/plain")

    def route_packed(self, _):
        self.answer(self.file("packed.gz"), Content_Type="text/plain", Content_Encoding="gzip")

    def route_chunked(self, name):
        self.answer_chunked(self.file(name), Content_Type="application/octet-stream")

    def route_trailers(self, name):
        data = self.file(name)
        digest = hashlib.sha256(data).hexdigest()
        self.answer_chunked(data, [("X-Peer", "python"), ("X-Sha256", digest)], b";from=python")

    def route_until_close(self, name):
        data = self.file(name)
        self.send_response(200)
        self.finish_until_close(data)

    def route_early(self, name):
        data = self.file(name)
        if self.protocol_version >= "HTTP/1.1" and self.request_version >= "HTTP/1.1":
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
        self.answer(data)

    def route_cut(self, name):
        data = self.file(name)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True
            self.ragged = True

    def route_echo(self, _):
        data = self.body()
        lines = [
            f"method: {self.command}",
            f"target: {self.path}",
            f"protocol: {self.request_version}",
            f"length: {len(data)}",
            f"sha256: {hashlib.sha256(data).hexdigest()}",
            "",
        ]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.trailers:
            lines += ["", *self.trailers]
        text = "".join(line + "\n" for line in lines)
        self.answer(text.encode("latin-1", "replace"), Content_Type="text/plain")

    def route_mirror(self, _):
        data = self.body()
        kind = self.headers.get("Content-Type", "application/octet-stream")
        if self.headers.get("Transfer-Encoding"):
            self.answer_chunked(data, Content_Type=kind)
        else:
            self.answer(data, Content_Type=kind)

    def route_upload(self, name):
        name = os.path.basename(name)
        path = os.path.join(self.upload, name)
        data = self.body()
        if not name or name.startswith("."):
            self.answer(b"no name to store under\n", 400)
        elif self.command in ("PUT", "POST"):
            with open(path + ".part", "wb") as f:
                f.write(data)
            os.replace(path + ".part", path)
            self.answer(b"stored\n", 201)
        elif self.command == "DELETE":
            os.remove(path)
            self.send_response(204)
            self.end_headers()
        elif self.command in ("GET", "HEAD"):
            with open(path, "rb") as f:
                self.answer(f.read())
        else:
            self.answer(b"", 405)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    context = None  # of TLS, if it is spoken

    def finish_request(self, request, client_address):
        if self.context is None:
            return super().finish_request(request, client_address)
        # Here and not at accept, so that a slow handshake holds up nobody else.
        with self.context.wrap_socket(request, server_side=True) as tls:
            handler = self.RequestHandlerClass(tls, client_address, self)
            if not handler.ragged:
                self.say_goodbye(tls)

    @staticmethod
    def say_goodbye(tls):
        """Sends close_notify and waits a moment for the peer's, as one owes it."""
        try:
            tls.settimeout(0.2)
            tls.unwrap()
        except OSError:
            pass  # the peer is gone, or in no hurry

    def handle_error(self, request, client_address):
        sys.stderr.write(f"{client_address[0]} {sys.exc_info()[1]!r}\n")

    def server_bind(self):
        # http.server asks for the name of the address here, which can be slow.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--http", required=True)
    parser.add_argument("--https", required=True)
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--root", required=True)
    parser.add_argument("--upload", required=True)
    parser.add_argument("--protocol", default="HTTP/1.0")
    parser.add_argument("--requests", type=int, default=0)
    parser.add_argument("--timeout", type=float)
    args = parser.parse_args()

    Handler.protocol_version = args.protocol
    Handler.requests = args.requests
    Handler.timeout = args.timeout
    Handler.upload = args.upload

    def make(*arguments):
        return Handler(*arguments, directory=args.root)

    # A handler is made by a function above, the server asks it for these.
    def listen(address):
        host, port = address.rsplit(":", 1)
        return Server((host, int(port)), make)

    plain, secure = listen(args.http), listen(args.https)
    secure.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.context.load_cert_chain(args.cert, args.key)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    plain.serve_forever()


if __name__ == "__main__":
    main()
