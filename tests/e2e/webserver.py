# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server on loopback that serves the files of a folder, also parts of them, and counts the bytes that it sends."""
import http.server
import os
import re
import threading
from pathlib import Path


class WebServer:
    """With `with`: url is the folder's; sent counts bytes of files."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.sent = self.requests = 0
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def _handler(outer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_HEAD(self):
                self.answer(False)

            def do_GET(self):
                self.answer(True)

            def answer(self, body):
                path = outer.folder / os.path.basename(self.path)
                if self.path == "/":
                    self.listing(body)
                elif path.is_file():
                    self.file(path, body)
                else:
                    self.send_error(404)

            def listing(self, body):
                names = "".join(f'<a href="{name}">{name}</a>\n' for name in sorted(os.listdir(outer.folder)))
                text = f"<html><body>{names}</body></html>".encode()
                self.head(200, len(text), ("Content-Type", "text/html"))
                if body:
                    self.wfile.write(text)

            def file(self, path, body):
                size = path.stat().st_size
                asked = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
                first = int(asked[1]) if asked else 0
                last = min(int(asked[2]), size - 1) if asked and asked[2] else size - 1
                self.head(206 if asked else 200, last - first + 1, ("Accept-Ranges", "bytes"),
                          *([("Content-Range", f"bytes {first}-{last}/{size}")] if asked else []))
                if body:
                    self.send(path, first, last - first + 1)

            def head(self, code, length, *more):
                self.send_response(code)
                for name, value in (("Content-Length", str(length)), *more):
                    self.send_header(name, value)
                self.end_headers()

            def send(self, path, first, left):
                with outer.lock:
                    outer.requests += 1
                with open(path, "rb") as f:
                    f.seek(first)
                    while left and (data := f.read(min(left, 65536))):
                        self.wfile.write(data)
                        left -= len(data)
                        with outer.lock:
                            outer.sent += len(data)
        return Handler
