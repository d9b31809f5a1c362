"""The other host: what links lead to, and what it was asked."""

import contextlib
import email.utils
import http.server
import re
import threading

MODIFIED = "Wed, 01 Oct 2025 00:00:00 GMT"
RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class Target:
    """A place that links lead to: it answers every GET with a payload that names the path, and keeps what it was asked.

    `files` are answered instead at their paths: each a content type and bytes."""

    def __init__(self, files=None):
        self.requests = []
        self.files = files or {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        # Another host than the server's, and not only another port.
        self.url = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def file(self, path):
        """The content type and the bytes at a path."""
        return self.files.get(path, ("text/plain", f"payload of {path}".encode()))

    def stop(self):
        """Ends the target."""
        self.server.shutdown()
        self.server.server_close()


def handler(target):
    """The class that answers the target's requests, as a server of files does: parts, and nothing that is not newer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            target.requests.append(f"{self.requestline}\n{self.headers}")
            content_type, body = target.file(self.path)
            status, headers = 200, {"Content-Type": content_type, "Last-Modified": MODIFIED, "Accept-Ranges": "bytes"}
            if part := RANGE.fullmatch(self.headers.get("Range", "")):
                start, end = int(part[1]), min(int(part[2] or len(body)) + 1, len(body))
                status = 206 if start < end else 416
                headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(body)}" if start < end else f"bytes */{len(body)}"
                body = body[start:end]
            elif date(self.headers.get("If-Modified-Since")) >= date(MODIFIED):
                status, body = 304, b""
            self.send_response(status)
            if status != 304:
                headers["Content-Length"] = str(len(body))
            for header in headers.items():
                self.send_header(*header)
            self.end_headers()
            # aria2 goes once it knows the size, and asks for the parts.
            if self.command == "GET":
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    return Handler


def date(text):
    """The time that a header says; without one, the oldest."""
    return email.utils.parsedate_to_datetime(text).timestamp() if text else 0
