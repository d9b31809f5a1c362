"""The other host: what links lead to, and what it was asked."""

import http.server
import threading


class Target:
    """A place that links lead to: it answers every GET with a payload that names the path, and keeps what it was asked.

    `files` are answered instead at their paths: each a content type and bytes."""

    def __init__(self, files=None):
        self.requests = []
        self.files = files or {}
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                target.requests.append(f"{self.requestline}\n{self.headers}")
                content_type, body = target.files.get(self.path, ("text/plain", f"payload of {self.path}".encode()))
                self.send_response(200)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # Another host than the server's, and not only another port.
        self.url = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        """Ends the target."""
        self.server.shutdown()
        self.server.server_close()
