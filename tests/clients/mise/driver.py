"""Installs a program with mise and runs it, which says the version that is there; one that was changed is refused."""

import hashlib
import json
import os
import sys

import tarball
from downloads import TOKEN, URL, Project, download, netrc, run
from script import refused, same
from target import Target

MISE = sys.argv[1]
API = f"{URL}/api/v4"


def main():
    for visibility, token in (("public", ""), ("private", TOKEN)):
        target = Target()
        project = Project.new(target, visibility)
        publish(project, {"1.0.0": "2025-10-01T00:00:00Z", "1.1.0": "2025-10-02T00:00:00Z"})
        with download(f"latest-{visibility}", target) as folder:
            same(installed(folder, project, token, version="latest"), "hello 1.1.0")
        with download(f"line-{visibility}", target) as folder:
            same(installed(folder, project, token, version="1.0"), "hello 1.0.0")
        with download(f"pinned-{visibility}", target) as folder:
            same(installed(folder, project, token, version="1.0.0"), "hello 1.0.0")
        if visibility == "public":
            with download("trailing-slash", target) as folder:
                same(installed(folder, project, token, version="latest", api_url=f"{API}/"), "hello 1.1.0")
        serve(target, "1.1.0", says="something else")
        with download(f"changed-{visibility}", target) as folder, refused("hecksum"):
            checked(folder, project, token)
        publish_generated(project, "1.2.0")
        with download(f"generated-{visibility}", target) as folder:
            same(checked(folder, project, token), "hello 1.2.0")
        serve(target, "1.2.0", says="something else")
        with download(f"changed-generated-{visibility}", target) as folder, refused("hecksum"):
            checked(folder, project, token)


def file(version):
    """The name by which mise finds the program for this machine."""
    return f"hello-{version}-linux-x64.tar.gz"


def publish(project, versions):
    """Releases with a program in an archive, and the sums of all; mise waits a day before it takes a release as the newest."""
    sums = ""
    for version in versions:
        sums += f"{serve(project.target, version)}  {file(version)}\n"
    project.target.files["/SHA256SUMS"] = ("text/plain", sums.encode())
    for version, day in versions.items():
        project.release(f"v{version}", f"/{file(version)}", "/SHA256SUMS", released_at=day)


def publish_generated(project, version):
    """A release whose link to the sums leads to the file that the server makes of the links' digests."""
    digest = f"sha256:{serve(project.target, version)}"
    links = [
        {"name": file(version), "url": f"{project.target.url}/{file(version)}", "digest": digest},
        {"name": "SHA256SUMS", "url": f"{project.downloads(f'v{version}')}/SHA256SUMS"},
    ]
    body = {"tag_name": f"v{version}", "released_at": "2025-10-03T00:00:00Z", "assets": {"links": links}}
    project.root.create(f"/projects/{project.id}/releases", **body)


def serve(target, version, says=None):
    """Puts an archive with a program that says its version onto the other host; returns its SHA-256."""
    archive = tarball.of("hello", f"#!/bin/sh\necho hello {says or version}\n".encode(), 0o755)
    target.files[f"/{file(version)}"] = ("application/gzip", archive)
    return hashlib.sha256(archive).hexdigest()


def checked(folder, project, token):
    """What the newest says; mise asks for the sums without the token, but with what netrc says."""
    if token:
        netrc(folder)
    return installed(folder, project, token, version="latest")


def installed(folder, project, token, **options):
    """What the program says after mise installed it."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in {"api_url": API, **options}.items()]
    (folder / "mise.toml").write_text(f'[tools."gitlab:{project.path}"]\n' + "\n".join(lines) + "\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MISE_")}
    environment |= {
        "HOME": str(folder), "MISE_TRUSTED_CONFIG_PATHS": str(folder), "MISE_GITLAB_ENTERPRISE_TOKEN": token,
        "MISE_USE_VERSIONS_HOST": "false", "MISE_YES": "true", "MISE_QUIET": "1",
    }
    run(MISE, "install", cwd=folder, env=environment)
    return run(MISE, "exec", "--", "hello", cwd=folder, env=environment).strip()


main()
