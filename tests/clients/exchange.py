"""One request as a client sends it, and what came back."""

import collections
import http.client
import json
import os
import urllib.parse

SERVER = urllib.parse.urlsplit(os.environ["URL"])

Answer = collections.namedtuple("Answer", "status headers body")


class Client:
    """Sends requests with the same headers, one after another on one connection."""

    def __init__(self, **headers):
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection = http.client.HTTPConnection(SERVER.netloc, timeout=30)

    def send(self, method, address, body=None, content_type="application/json"):
        """The answer, a redirect included."""
        headers = self.headers if body is None else {**self.headers, "Content-Type": content_type}
        self.connection.request(method, address, body, headers)
        answer = self.connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())

    def json(self, status, method, address, body=None, **options):
        """The body of an answer that must have this status; the request's is sent as JSON unless it is bytes."""
        body = json.dumps(body).encode() if isinstance(body, dict) else body
        answer = self.send(method, address, body, **options)
        if answer.status != status:
            raise AssertionError(f"{method} {address}: expected {status}, got {answer.status} {answer.body.decode()}")
        return json.loads(answer.body)
