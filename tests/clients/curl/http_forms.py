"""What the protocol promises: verbs, headers, and the forms of an address."""

import os
import urllib.parse

from adapter import TOKEN, expect, links_of, releases_of
from curl import URL, curl, decoded
from script import same, step

PROJECT = os.environ["PROJECT_ID"]
LINKS = links_of(PROJECT, "v1.0.0-id")


def run():
    verbs()
    addresses()
    headers()


def verbs():
    with step("head"):
        head, get = curl(LINKS, *TOKEN, "--head"), curl(LINKS, *TOKEN)
        same((head.status, get.status), (200, 200))
        same(head.headers["x-total"], "2")
        same(head.headers["etag"], get.headers["etag"])
    with step("etag"):
        etag = curl(LINKS, *TOKEN).headers["etag"]
        same(etag.startswith('W/"'), True)
        again = curl(LINKS, *TOKEN, "--header", f"If-None-Match: {etag}")
        same((again.status, again.text), (304, ""))
    with step("wrong-verb"):
        answer = curl(LINKS, *TOKEN, "--request", "PATCH")
        same((answer.status, decoded(answer)), (405, {"error": "405 Not Allowed"}))
        allowed = {verb.strip() for verb in answer.headers["allow"].split(",")}
        same({"GET", "POST"} <= allowed, True)
    with step("no-route"):
        for address in ("/api/v4/", "/api/v4/projects/1/nothing", "/api/v4/projects/1/releases/a/b/assets/links"):
            answer = curl(address, *TOKEN)
            same((answer.status, decoded(answer)), (404, {"error": "404 Not Found"}))


def addresses():
    with step("address-forms"):
        listed = expect(200, curl(LINKS, *TOKEN))
        for address in (f"{LINKS}/", f"{LINKS}?", f"{LINKS}.json"):
            same(expect(200, curl(address, *TOKEN)), listed)
        one = f"{LINKS}/{listed[0]['id']}"
        for address in (one, f"{one}/", f"{one}?", f"{one}.json"):
            same(expect(200, curl(address, *TOKEN)), listed[0])
        path = urllib.parse.quote(os.environ["PROJECT_PATH"].upper(), safe="").replace(".", "%2E")
        escaped = f"/api/v4/projects/{path}/releases/v1%2E0%2E0%2Did/assets/links"
        same(expect(200, curl(escaped, *TOKEN)), listed)
    with step("plus-in-path"):
        address = f"{releases_of(PROJECT)}/odd%2Fid+rc%201/assets/links"
        same([link["name"] for link in expect(200, curl(address, *TOKEN))], ["source"])


def headers():
    with step("headers"):
        answer = curl(LINKS, *TOKEN)
        wanted = {
            "content-type": "application/json",
            "cache-control": "max-age=0, private, must-revalidate",
            "x-content-type-options": "nosniff",
        }
        same({name: answer.headers.get(name) for name in wanted}, wanted)
        same(list(decoded(answer)[0]), ["id", "name", "url", "direct_asset_url", "link_type"])
    with step("link-header"):
        token = os.environ["TOKEN"]
        answer = curl(f"{LINKS}?private_token={token}&order_by=id&page=1&per_page=1")
        expect(200, answer)
        relations = {}
        for entry in answer.headers["link"].split(", "):
            address, _, relation = entry.partition("; rel=")
            relations[relation.strip('"')] = address.strip("<>")
        same(list(relations), ["next", "first", "last"])
        same({address.partition("?")[0] for address in relations.values()}, {f"{URL}{LINKS}"})
        following = urllib.parse.urlsplit(relations["next"])
        same(dict(urllib.parse.parse_qsl(following.query)), {"order_by": "id", "page": "2", "per_page": "1"})
        names = [link["name"] for link in expect(200, curl(f"{following.path}?{following.query}", *TOKEN))]
        same(names, ["linux-amd64"])
