"""Drives python-gitlab: the common script, and what only this library does."""

import os

import gitlab
import script
import team
from adapter import Adapter
from script import same, step

URL = os.environ["URL"]
PROJECT = int(os.environ["PROJECT_ID"])
TAG = "v1.0.0-id"


def main():
    connection = gitlab.Gitlab(URL, private_token=os.environ["TOKEN"])
    adapter = Adapter(connection, "direct_asset_path")
    script.run(adapter)
    releases = connection.projects.get(PROJECT).releases
    with step("iterator"):
        pages = releases.get(TAG, lazy=True).links.list(iterator=True, per_page=1)
        same((pages.total, pages.total_pages, pages.per_page, pages.current_page), (2, 2, 1, 1))
        same([link.name for link in pages], ["handbook", "linux-amd64"])
    with step("save"):
        link = releases.get(TAG).links.list(get_all=True)[0]
        link.name, link.link_type = "manual", "image"
        link.save()
        same(releases.get(TAG).links.get(link.id).name, "manual")
        link.name, link.link_type = "handbook", "image"
        link.save()
    with step("release-save"):
        release = releases.get(TAG)
        release.description = "Better notes"
        release.save()
        same(releases.get(TAG).description, "Better notes")
    with step("tag"):
        tags = connection.projects.get(PROJECT, lazy=True).tags
        same(tags.get(TAG).release["tag_name"], TAG)
        same(tags.get("gone/id+rc 1").release, None)
        tags.delete("gone/id+rc 1")
        same("gone/id+rc 1" in [tag.name for tag in tags.list(get_all=True)], False)
    releases.create({"tag_name": "tokens"})
    for name, variable, means in (
        ("oauth", "TOKEN", "oauth_token"),
        ("project", "PROJECT_TOKEN", "private_token"),
        ("job", "JOB_TOKEN", "job_token"),
    ):
        with step(f"{name}-token"):
            add_with(name, means, os.environ[variable])
    with step("team"):
        team.provision(URL, os.environ["ADMINISTRATOR_TOKEN"])
    with step("arranging"):
        team.arrange(URL, os.environ["ADMINISTRATOR_TOKEN"])
    script.repeat(adapter, PROJECT)
    with step("bad-token"):
        stranger = gitlab.Gitlab(URL, private_token="glpat-nobody-has-this-one")
        try:
            stranger.projects.get(PROJECT)
        except gitlab.GitlabAuthenticationError as error:
            same(error.response_code, 401)
        else:
            raise AssertionError("an unknown token was taken")


def add_with(name, means, token):
    """Adds a link with another means of authentication, and reads it back."""
    if not token:
        raise AssertionError("the server gave no such token")
    links = Adapter(gitlab.Gitlab(URL, **{means: token}), "direct_asset_path").links(PROJECT, "tokens")
    added = links.create({"name": name, "url": f"https://downloads.example.com/tokens/{name}"})
    same(links.get(added.id).name, name)


main()
