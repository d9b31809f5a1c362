"""Runs get_url in playbooks, and looks at the file that is there."""

import hashlib
import json
import os
import pathlib
import sys

from downloads import TOKEN, Project, download, run
from script import refused, same
from target import Target

PLAYBOOK = pathlib.Path(sys.executable).parent / "ansible-playbook"
CONTENT = b"payload of /hello"


def main():
    sums = f"{hashlib.sha256(CONTENT).hexdigest()}  hello\n{'0' * 64}  wrong\n"
    target = Target({"/SHA256SUMS": ("text/plain", sums.encode())})
    public, private = Project.new(target, "public"), Project.new(target, "private")
    for project in (public, private):
        project.release("v1.0.0", "/hello", "/wrong", "/SHA256SUMS")
    place = public.downloads("v1.0.0")
    checked = {"url": f"{place}/hello", "checksum": f"sha256:{place}/SHA256SUMS"}
    with download("wrong-checksum", target) as folder, refused("checksum"):
        fetched(folder, {**checked, "url": f"{place}/wrong"})
    with download("unchanged", target) as folder:
        same([fetched(folder, checked) for _ in range(2)], [CONTENT] * 2)
        # The second time it asks for the sum alone.
        same(sum(request.startswith("GET /hello ") for request in target.requests), 1)
    place = private.latest
    checked = {"url": f"{place}/hello", "checksum": f"sha256:{place}/SHA256SUMS", "unredirected_headers": ["Authorization"]}
    with download("private", target) as folder:
        same(fetched(folder, {**checked, "url_username": "ci", "url_password": TOKEN, "force_basic_auth": True}), CONTENT)


def fetched(folder, options):
    """The file after get_url ran with these options."""
    file = folder / "fetched"
    task = {"ansible.builtin.get_url": {**options, "dest": str(file)}}
    (folder / "play.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    run(PLAYBOOK, "play.yml", cwd=folder, env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(folder)})
    return file.read_bytes()


main()
