"""Drives the `gitbeaker` command, whose interpreter and file are the arguments."""

import json
import os
import subprocess
import sys

import script


def gitbeaker(resource, action, **values):
    """What the command prints, decoded; its words are a refusal when it fails."""
    command = [*sys.argv[1:], resource, action, "--gb-host", os.environ["URL"], "--gb-token", os.environ["TOKEN"]]
    for key, value in values.items():
        command += [f"--{key.replace('_', '-')}", str(value)]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, NO_COLOR="1"))
    if done.returncode:
        raise script.Refused(done.stdout + done.stderr)
    return json.loads(done.stdout)


class Adapter:
    """The common script's operations; the command has no way to send a release's links along."""

    shows_status = False

    def create_release(self, project, tag, name, description, links):
        made = gitbeaker(
            "project-releases", "create", project_id=project, tag_name=tag, name=name, description=description
        )
        for link in links:
            self.add_link(project, tag, **link)
        return made

    def get_release(self, project, tag):
        return gitbeaker("project-releases", "show", project_id=project, tag_name=tag)

    def delete_release(self, project, tag):
        gitbeaker("project-releases", "remove", project_id=project, tag_name=tag)

    def add_link(self, project, tag, path=None, **link):
        if path:
            link["direct_asset_path"] = path
        return gitbeaker("release-links", "create", project_id=project, tag_name=tag, **link)

    def list_links(self, project, tag, per_page):
        return gitbeaker("release-links", "all", project_id=project, tag_name=tag, per_page=per_page)

    def get_link(self, project, tag, link_id):
        return gitbeaker("release-links", "show", project_id=project, tag_name=tag, link_id=link_id)

    def update_link(self, project, tag, link_id, **link):
        return gitbeaker("release-links", "edit", project_id=project, tag_name=tag, link_id=link_id, **link)

    def delete_link(self, project, tag, link_id):
        gitbeaker("release-links", "remove", project_id=project, tag_name=tag, link_id=link_id)


script.run(Adapter())
