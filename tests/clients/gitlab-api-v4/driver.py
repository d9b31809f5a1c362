"""Drives the `gitlab-api-v4` command."""

import json
import os
import subprocess

import script


def call(method, *arguments, before=(), **parameters):
    """What the command prints, decoded. It prints `null` for what is not found, which is a refusal to us."""
    command = [
        "gitlab-api-v4", f"--url={os.environ['URL']}/api/v4", f"--private-token={os.environ['TOKEN']}",
        *before, method, *(str(argument) for argument in arguments),
        *(f"{key}:{value}" for key, value in parameters.items()),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise script.Refused(done.stderr)
    answer = json.loads(done.stdout)
    if answer is None:
        raise script.Refused("null, which stands for 404")
    return answer


class Adapter:
    """The common script's operations; the command has no way to send a release's links along."""

    def create_release(self, project, tag, name, description, links):
        made = call("create_release", project, tag_name=tag, name=name, description=description)
        for link in links:
            self.add_link(project, tag, **link)
        return made

    def get_release(self, project, tag):
        return call("release", project, tag)

    def delete_release(self, project, tag):
        call("delete_release", project, tag)

    def add_link(self, project, tag, path=None, **link):
        if path:
            link["filepath"] = path
        return call("create_release_link", project, tag, **link)

    def list_links(self, project, tag, per_page):
        return call("release_links", project, tag, before=("--all",), per_page=per_page)

    def get_link(self, project, tag, link_id):
        return call("release_link", project, tag, link_id)

    def update_link(self, project, tag, link_id, **link):
        return call("update_release_link", project, tag, link_id, **link)

    def delete_link(self, project, tag, link_id):
        script.same(call("delete_release_link", project, tag, link_id)["id"], link_id)


script.run(Adapter())
