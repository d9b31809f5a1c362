"""Drives the `gitlab` command, whose path is the argument."""

import json
import os
import subprocess
import sys

import script
from script import refused, same, step

GITLAB = sys.argv[1]


def gitlab(*arguments, credential=("--private-token", os.environ["TOKEN"])):
    """What the command prints, decoded; its words are a refusal when it fails."""
    command = [GITLAB, "--server-url", os.environ["URL"], *credential, "--output", "json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise script.Refused(done.stdout + done.stderr)
    return json.loads(done.stdout) if done.stdout.strip() else None


def options(**values):
    """Command line options; a None is left out."""
    named = ((f"--{key.replace('_', '-')}", str(value)) for key, value in values.items() if value is not None)
    return [part for pair in named for part in pair]


class Adapter:
    """The common script's operations; the command has no way to send a release's links along."""

    def create_release(self, project, tag, name, description, links):
        made = gitlab(
            "project-release", "create",
            *options(project_id=project, tag_name=tag, name=name, description=description),
        )
        for link in links:
            self.add_link(project, tag, **link)
        return made

    def get_release(self, project, tag):
        return gitlab("project-release", "get", *options(project_id=project, tag_name=tag))

    def delete_release(self, project, tag):
        gitlab("project-release", "delete", *options(project_id=project, tag_name=tag))

    def add_link(self, project, tag, path=None, **link):
        return self._link("create", project, tag, direct_asset_path=path, **link)

    def list_links(self, project, tag, per_page):
        return gitlab(
            "--per-page", str(per_page), "project-release-link", "list", "--get-all",
            *options(project_id=project, tag_name=tag),
        )

    def get_link(self, project, tag, link_id):
        return self._link("get", project, tag, id=link_id)

    def update_link(self, project, tag, link_id, **link):
        return self._link("update", project, tag, id=link_id, **link)

    def delete_link(self, project, tag, link_id):
        self._link("delete", project, tag, id=link_id)

    @staticmethod
    def _link(action, project, tag, **values):
        return gitlab("project-release-link", action, *options(project_id=project, tag_name=tag, **values))


def main():
    script.run(Adapter())
    with step("assets-as-text"), refused("400", "assets is invalid"):
        text = json.dumps({"links": [{"name": "a", "url": "https://downloads.example.com/a"}]})
        gitlab(
            "project-release", "create",
            *options(project_id=os.environ["PROJECT_ID"], tag_name="text", description="text", assets=text),
        )
    with step("job-token"):
        listed = gitlab(
            "project-release-link", "list", *options(project_id=os.environ["PROJECT_ID"], tag_name="v1.0.0-id"),
            credential=("--job-token", os.environ["JOB_TOKEN"]),
        )
        same([link["name"] for link in listed], ["handbook", "linux-amd64"])


main()
