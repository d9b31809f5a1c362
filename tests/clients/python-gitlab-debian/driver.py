"""Drives Debian's python-gitlab with the adapter of the newer one."""

import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "python-gitlab"))

import gitlab
import script
from adapter import Adapter
from script import same, step


def main():
    connection = gitlab.Gitlab(os.environ["URL"], private_token=os.environ["TOKEN"])
    adapter = Adapter(connection, "filepath")
    script.run(adapter)
    with step("iterator"):
        pages = adapter.links(os.environ["PROJECT_PATH"], "v1.0.0-path").list(iterator=True, per_page=1)
        same((pages.total, pages.total_pages), (2, 2))
        same([link.name for link in pages], ["handbook", "linux-amd64"])
    with step("no-description"):
        releases = connection.projects.get(os.environ["PROJECT_ID"], lazy=True).releases
        try:
            releases.create({"tag_name": "undescribed"})
        except AttributeError as error:
            same("description" in str(error), True)
        else:
            raise AssertionError("this version is known to ask for a description itself")


main()
