"""Installs a program with mise and runs it, which says the version that is there."""

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
        with download(f"pinned-{visibility}", target) as folder:
            same(installed(folder, project, token, version="1.0.0"), "hello 1.0.0")
        if visibility == "public":
            with download("trailing-slash", target) as folder:
                same(installed(folder, project, token, version="latest", api_url=f"{API}/"), "hello 1.1.0")
        with download(f"checksum-{visibility}", target) as folder, refused("hecksum"):
            target.files["/SHA256SUMS"] = ("text/plain", f"{'0' * 64}  {file('1.1.0')}\n".encode())
            # It asks for the sums without the token, but with what netrc says.
            if token:
                netrc(folder)
            installed(folder, project, token, version="latest")


def file(version):
    """The name by which mise finds the program for this machine."""
    return f"hello-{version}-linux-x64.tar.gz"


def publish(project, versions):
    """Releases with a program in an archive, and the sums of all; mise waits a day before it takes a release as the newest."""
    sums = ""
    for version in versions:
        archive = tarball.of("hello", f"#!/bin/sh\necho hello {version}\n".encode(), 0o755)
        project.target.files[f"/{file(version)}"] = ("application/gzip", archive)
        sums += f"{hashlib.sha256(archive).hexdigest()}  {file(version)}\n"
    project.target.files["/SHA256SUMS"] = ("text/plain", sums.encode())
    for version, day in versions.items():
        project.release(f"v{version}", f"/{file(version)}", "/SHA256SUMS", released_at=day)


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
