"""Sends what JReleaser 1.26 sends: sdks/jreleaser-gitlab-java-sdk there, and feign-form, which makes its forms."""

import json
import os
import urllib.parse

from exchange import Client
from files import PROJECT_ID, URL
from script import same

PROJECT = f"/api/v4/projects/{PROJECT_ID}"
BOUNDARY = "0123456789abcdef0123456789abcdef"
FORM = f"multipart/form-data; charset=UTF-8; boundary={BOUNDARY}"
TYPE = "application/gzip"


def client():
    """Java's, with the headers of all requests."""
    return Client(Authorization=f"Bearer {os.environ['TOKEN']}", Accept="*/*", User_Agent="Java/21")


def create(tag, files):
    """Creates the release, uploads every file, and then makes the links."""
    java = client()
    java.json(200, "GET", f"{PROJECT}/repository/branches")
    java.json(200, "GET", PROJECT)
    same(java.send("GET", f"{PROJECT}/releases/{tag}").status, 404)
    java.json(200, "GET", f"{PROJECT}/milestones?title={tag}")
    release = {"name": f"Release {tag}", "tag_name": tag, "ref": "main", "description": "## Changelog"}
    java.json(201, "POST", f"{PROJECT}/releases", release)
    upload(java, tag, files)


def upload(java, tag, files):
    """Uploads the files and makes the links, whose URLs are the API's host and the path that the answer has."""
    uploaded = {name: java.json(201, "POST", f"{PROJECT}/uploads", form(file=(name, held)), content_type=FORM) for name, held in files.items()}
    for name, answer in uploaded.items():
        link = form(name=name, url=URL + answer["full_path"], filepath=f"/{name}")
        java.json(201, "POST", f"{PROJECT}/releases/{tag}/assets/links", link, content_type=FORM)


def update(tag, files):
    """Replaces the files of a release: for each it asks GraphQL to delete the upload, whatever the answer says, and deletes the link."""
    java = client()
    same(java.send("GET", f"{PROJECT}/releases/{tag}").status, 200)
    links = {link["name"]: link for link in java.json(200, "GET", f"{PROJECT}/releases/{tag}/assets/links")}
    for name in files:
        path = links[name]["url"].removeprefix(f"{URL}/").removesuffix(f"/{name}")
        project, _, secret = path.partition("/uploads/")
        mutation = (
            f'mutation {{uploadDelete(input: {{ secret: \\"{secret}\\", filename: \\"{name}\\", projectPath: \\"{project}\\"}}) '
            "{ upload { id size path } errors }}"
        )
        query = f'{{\n  "query": "{mutation}",\n  "variables": null\n}}\n'.encode()
        answer = java.send("POST", "/api/graphql", query, content_type="text/plain")
        same((answer.status, list(json.loads(answer.body))), (200, ["errors"]))
        same(java.send("DELETE", f"{PROJECT}/releases/{tag}/assets/links/{links[name]['id']}").status, 200)
    upload(java, tag, files)


def package(tag, files):
    """Publishes files of a package, as its uploader does, and links to them."""
    java = client()
    for name, held in files.items():
        address = f"{PROJECT}/packages/generic/hello/{urllib.parse.quote(tag)}/{name}"
        java.json(201, "PUT", address, held, content_type=TYPE)
        link = form(name=name, url=URL + address, filepath=f"/{name}")
        java.json(201, "POST", f"{PROJECT}/releases/{tag}/assets/links", link, content_type=FORM)


def form(**parts):
    """A form as feign-form writes it; a part is a text, or the name and the bytes of a file."""
    written = b""
    for name, part in parts.items():
        disposition, headers, held = f'form-data; name="{name}"', "Content-Type: text/plain; charset=UTF-8\r\n", part
        if isinstance(part, tuple):
            file, held = part
            disposition, headers = f'{disposition}; filename="{file}"', f"Content-Type: {TYPE}\r\nContent-Transfer-Encoding: binary\r\n"
        else:
            held = part.encode()
        written += f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n{headers}\r\n".encode() + held + b"\r\n"
    return written + f"--{BOUNDARY}--\r\n".encode()
