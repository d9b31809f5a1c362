"""The common script's operations with curl; it sends forms, but JSON for a release."""

import json
import os
import urllib.parse

import script
from curl import curl, decoded, header

TOKEN = header(os.environ["TOKEN"])


def releases_of(project, tag=None):
    """The address of a project's releases, or of one."""
    address = f"/api/v4/projects/{urllib.parse.quote(project, safe='')}/releases"
    return address if tag is None else f"{address}/{urllib.parse.quote(tag, safe='')}"


def links_of(project, tag, link_id=None):
    """The address of a release's links, or of one."""
    address = f"{releases_of(project, tag)}/assets/links"
    return address if link_id is None else f"{address}/{link_id}"


def expect(status, answer):
    """The decoded answer, which is a refusal when it has another status."""
    if answer.status != status:
        raise script.Refused(f"{answer.status} {answer.text}")
    return decoded(answer)


def fields(link):
    """curl's options for a form."""
    named = {("direct_asset_path" if key == "path" else key): value for key, value in link.items() if value}
    return [part for key, value in named.items() for part in ("--data-urlencode", f"{key}={value}")]


class Adapter:
    """The common script's operations."""

    def create_release(self, project, tag, name, description, links):
        renamed = [{("filepath" if key == "path" else key): value for key, value in link.items()} for link in links]
        body = {"tag_name": tag, "name": name, "description": description, "assets": {"links": renamed}}
        json_body = ("--header", "Content-Type: application/json", "--data", json.dumps(body))
        return expect(201, curl(releases_of(project), *TOKEN, *json_body))

    def get_release(self, project, tag):
        return expect(200, curl(releases_of(project, tag), *TOKEN))

    def delete_release(self, project, tag):
        expect(200, curl(releases_of(project, tag), *TOKEN, "--request", "DELETE"))

    def add_link(self, project, tag, **link):
        return expect(201, curl(links_of(project, tag), *TOKEN, *fields(link)))

    def list_links(self, project, tag, per_page):
        page, found = "1", []
        while page:
            answer = curl(f"{links_of(project, tag)}?per_page={per_page}&page={page}", *TOKEN)
            found += expect(200, answer)
            page = answer.headers["x-next-page"]
        script.same(answer.headers["x-total"], str(len(found)))
        return found

    def get_link(self, project, tag, link_id):
        return expect(200, curl(links_of(project, tag, link_id), *TOKEN))

    def update_link(self, project, tag, link_id, **link):
        return expect(200, curl(links_of(project, tag, link_id), *TOKEN, "--request", "PUT", *fields(link)))

    def delete_link(self, project, tag, link_id):
        deleted = expect(200, curl(links_of(project, tag, link_id), *TOKEN, "--request", "DELETE"))
        script.same(deleted["id"], link_id)
