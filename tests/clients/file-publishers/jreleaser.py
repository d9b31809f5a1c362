"""Sends what JReleaser 1.26 sends: sdks/jreleaser-gitlab-java-sdk there, and feign-form, which makes its forms."""

import os
import urllib.parse

from exchange import Client
from files import PROJECT_ID, URL

PROJECT = f"/api/v4/projects/{PROJECT_ID}"
BOUNDARY = "0123456789abcdef0123456789abcdef"
FORM = f"multipart/form-data; charset=UTF-8; boundary={BOUNDARY}"
TYPE = "application/gzip"


def client():
    """Java's, with the headers of all requests."""
    return Client(Authorization=f"Bearer {os.environ['TOKEN']}", Accept="*/*", User_Agent="Java/21")


def package(tag, files):
    """Publishes files of a package, as its uploader does, and links to them."""
    java = client()
    for name, held in files.items():
        address = f"{PROJECT}/packages/generic/hello/{urllib.parse.quote(tag)}/{name}"
        java.json(201, "PUT", address, held, content_type=TYPE)
        link = form(name=name, url=URL + address, filepath=f"/{name}")
        java.json(201, "POST", f"{PROJECT}/releases/{tag}/assets/links", link, content_type=FORM)


def form(**parts):
    """A form of texts as feign-form writes it."""
    written = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n{text}\r\n'
        for name, text in parts.items()
    )
    return f"{written}--{BOUNDARY}--\r\n".encode()
