"""JReleaser and Terraform's provider, which write."""

import os

from exchange import Client
from readers import timestamp
from script import same, step

API = "/api/v4"
PROJECT = f"{API}/projects/{os.environ['PROJECT_ID']}"
TOKEN = os.environ["TOKEN"]
PLACE = "https://downloads.example.com"
BOUNDARY = "----replay"


def run():
    jreleaser(Client(Authorization=f"Bearer {TOKEN}", Accept="*/*", User_Agent="Java/21"))
    terraform = Client(PRIVATE_TOKEN=TOKEN, Accept="application/json", User_Agent="Terraform/1.13 terraform-provider-gitlab/18.6")
    steps = {
        "link": terraform_link, "data": terraform_data, "group": terraform_group, "project": terraform_project,
        "token": terraform_token, "tag-protection": terraform_tag_protection,
    }
    for name, replay in steps.items():
        with step(f"terraform-{name}"):
            replay(terraform)


def jreleaser(client):
    """Branches first, which must not be empty; then a release without links, and each link as a form of several parts."""
    with step("jreleaser"):
        same(client.json(200, "GET", PROJECT)["id"], int(os.environ["PROJECT_ID"]))
        same([branch["name"] for branch in client.json(200, "GET", f"{PROJECT}/repository/branches")], ["main"])
        same(client.send("GET", f"{PROJECT}/releases/v1.0.0").status, 404)
        same(client.json(200, "GET", f"{PROJECT}/milestones?title=v1.0.0"), [])
        release = {"name": "Release 1.0.0", "tag_name": "v1.0.0", "ref": "main", "description": "## Changelog"}
        client.json(201, "POST", f"{PROJECT}/releases", release)
        fields = {"linkType": "other", "name": "hello.zip", "url": f"{PLACE}/hello.zip"}
        parts = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
        )
        link = client.json(
            201, "POST", f"{PROJECT}/releases/v1.0.0/assets/links", f"{parts}--{BOUNDARY}--\r\n".encode(),
            content_type=f"multipart/form-data; charset=UTF-8; boundary={BOUNDARY}",
        )
        same((link["name"], link["link_type"]), ("hello.zip", "other"))
    with step("jreleaser-list"):
        (release,) = client.json(200, "GET", f"{PROJECT}/releases")
        same((release["tag_name"], release["tag_path"].startswith("/")), ("v1.0.0", True))
        timestamp(release["released_at"])


def terraform_link(client):
    """Created, read, renamed without its type, and read again: what is not sent stays, or the plan never ends."""
    links = f"{PROJECT}/releases/v1%2E0%2E0/assets/links"
    body = {"name": "handbook", "url": f"{PLACE}/handbook", "filepath": "/docs/handbook", "link_type": "runbook"}
    link = client.json(201, "POST", links, body)
    one = f"{links}/{link['id']}"
    same(client.json(200, "GET", one), link)
    changed = client.json(200, "PUT", one, {"name": "renamed", "url": f"{PLACE}/handbook", "filepath": "/docs/handbook"})
    same(client.json(200, "GET", one), changed)
    same(changed, {**link, "name": "renamed"})
    same([link["name"] for link in client.json(200, "GET", f"{links}?page=1&per_page=20")], ["renamed", "hello.zip"])


def terraform_data(client):
    """A tag and a project; the provider stops where one of their times is missing."""
    tag = client.json(200, "GET", f"{PROJECT}/repository/tags/v1%2E0%2E0")
    for time in ("created_at", "authored_date", "committed_date"):
        timestamp(tag["commit"][time])
    same((tag["name"], tag["protected"], tag["commit"]["parent_ids"]), ("v1.0.0", False, []))
    same(tag["release"], {"tag_name": "v1.0.0", "description": "## Changelog"})
    project = client.json(200, "GET", PROJECT)
    for time in ("created_at", "last_activity_at"):
        timestamp(project[time])
    same(client.json(200, "GET", f"{API}/user")["username"], "robin")


def terraform_group(client):
    """A group."""
    planned(client, f"{API}/groups", {"name": "planned", "path": "planned-group", "visibility": "private", "description": "Plans"})


def terraform_project(client):
    """A project."""
    texts = {"description": "Plans", "default_branch": "trunk", "topics": ["one", "two"]}
    planned(client, f"{API}/projects", {"name": "planned", "path": "planned", "visibility": "private", **texts})


def planned(client, place, sent):
    """Created, read, changed and read again: everything that was sent comes back, or the plan never ends; then deleted."""
    one = f"{place}/{client.json(201, 'POST', place, sent)['id']}"
    for changes in ({}, {"name": "Planned"}, {"visibility": "public"}):
        if changes:
            client.json(200, "PUT", one, changes)
        sent |= changes
        found = client.json(200, "GET", one)
        same({name: found[name] for name in sent}, sent)
    same(client.json(202, "DELETE", one), {"message": "202 Accepted"})
    same(client.send("GET", one).status, 404)


def terraform_token(client):
    """Created, read and revoked; it waits until the token is gone."""
    tokens = f"{PROJECT}/access_tokens"
    body = {"name": "planned", "scopes": ["read_api"], "access_level": 30, "expires_at": "2099-01-01"}
    token = client.json(201, "POST", tokens, body)
    found = client.json(200, "GET", f"{tokens}/{token['id']}")
    same({name: found[name] for name in body}, body)
    same(client.send("DELETE", f"{tokens}/{token['id']}").status, 204)
    same(client.send("GET", f"{tokens}/{token['id']}").status, 404)
    same(token["id"] in [listed["id"] for listed in client.json(200, "GET", tokens)], False)


def terraform_tag_protection(client):
    """Created and read by its name, which has a star; the level that was sent comes back."""
    rules = f"{PROJECT}/protected_tags"
    client.json(201, "POST", rules, {"name": "x*", "create_access_level": 30})
    rule = client.json(200, "GET", f"{rules}/x%2A")
    same((rule["name"], [level["access_level"] for level in rule["create_access_levels"]]), ("x*", [30]))
    same(client.send("DELETE", f"{rules}/x%2A").status, 204)
    same(client.send("GET", f"{rules}/x%2A").status, 404)
