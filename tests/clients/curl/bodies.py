"""Every encoding of a request's parameters, and the bodies that are refused."""

import json
import os
import tempfile
import urllib.parse

from adapter import TOKEN, expect, links_of, releases_of
from curl import curl, decoded
from script import same, step

PROJECT = os.environ["PROJECT_ID"]
LINKS = links_of(PROJECT, "encodings")
PLACE = "https://downloads.example.com"


def parameters(name):
    """A link with all its fields."""
    return {"name": name, "url": f"{PLACE}/{name}", "direct_asset_path": f"/files/{name}", "link_type": "runbook"}


def parts(option, values):
    """The values as repeated options of curl."""
    return [part for key, value in values.items() for part in (option, f"{key}={value}")]


def content_type(value):
    """The option for a content type; an empty one sends none."""
    return ("--header", f"Content-Type: {value}" if value else "Content-Type:")


def run():
    expect(201, curl(releases_of(PROJECT), *TOKEN, "--data", "tag_name=encodings"))
    accepted()
    nested()
    merged()
    refused()


def accepted():
    with step("query"):
        query = urllib.parse.urlencode(parameters("query"))
        expect(201, curl(f"{LINKS}?{query}", *TOKEN, "--request", "POST"))
    with step("form"):
        expect(201, curl(LINKS, *TOKEN, *parts("--data-urlencode", parameters("form"))))
    with step("multipart"):
        expect(201, curl(LINKS, *TOKEN, *parts("--form-string", parameters("multipart"))))
    with step("multipart-with-empty-part"), tempfile.NamedTemporaryFile() as empty:
        form = parts("--form-string", parameters("with-empty-part"))
        expect(201, curl(LINKS, *TOKEN, *form, "--form", f"=@{empty.name};filename="))
    with step("json"):
        body = json.dumps(parameters("json"))
        expect(201, curl(LINKS, *TOKEN, *content_type("application/json"), "--data", body))
    with step("no-content-type"):
        body = urllib.parse.urlencode(parameters("bare"))
        expect(201, curl(LINKS, *TOKEN, *content_type(""), "--data", body))


def nested():
    with step("nested-form"):
        pairs = [
            ("tag_name", "nested"), ("name", "Nested"),
            ("assets[links][][name]", "first"), ("assets[links][][url]", f"{PLACE}/first"),
            ("assets[links][][direct_asset_path]", "/files/first"),
            ("assets[links][][name]", "second"), ("assets[links][][url]", f"{PLACE}/second"),
            ("assets[links][][link_type]", "image"),
        ]
        form = [part for key, value in pairs for part in ("--data", f"{key}={value}")]
        same(expect(201, curl(releases_of(PROJECT), *TOKEN, *form))["assets"]["count"], 2)


def merged():
    with step("body-over-query"):
        query = urllib.parse.urlencode({"name": "from query", "url": f"{PLACE}/body-over-query"})
        expect(201, curl(f"{LINKS}?{query}", *TOKEN, "--data", "name=from+body"))
    with step("plus-and-unicode"):
        values = {"name": "ünï + côde", "url": f"  {PLACE}/a+b c "}
        link = expect(201, curl(LINKS, *TOKEN, *parts("--data-urlencode", values)))
        same((link["name"], link["url"]), ("ünï + côde", f"{PLACE}/a+b c"))
    with step("empty-json-on-delete"):
        added = expect(201, curl(LINKS, *TOKEN, *parts("--data-urlencode", parameters("gone"))))
        json_object = (*content_type("application/json"), "--data", "{}", "--request", "DELETE")
        same(expect(200, curl(f"{LINKS}/{added['id']}", *TOKEN, *json_object)), added)


def refused():
    cases = {
        "text-plain": (
            content_type("text/plain"), "hello", 415,
            {"error": "The provided content-type 'text/plain' is not supported."},
        ),
        "broken-json": (content_type("application/json"), '{"name":', 400, {"error": "400 Bad Request"}),
        "json-array": (content_type("application/json"), "[1]", 400, {"error": "name is missing, url is missing"}),
    }
    for name, (kind, body, status, answer) in cases.items():
        with step(name):
            got = curl(LINKS, *TOKEN, *kind, "--data", body)
            same((got.status, decoded(got)), (status, answer))
    with step("too-large"), tempfile.NamedTemporaryFile() as large:
        large.write(b"name=" + b"a" * (1024 * 1024))
        large.flush()
        got = curl(LINKS, *TOKEN, "--data-binary", f"@{large.name}")
        same((got.status, decoded(got)), (413, {"error": "413 Request Entity Too Large"}))
