"""Installs a package with pip and uv, and looks at the version that is there afterwards."""

import hashlib
import os
import pathlib
import sys

import client
import wheel
from downloads import Project, download, netrc, run, with_password
from script import refused, same
from target import Target

INSTALL = {
    "pip": (sys.executable, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--no-deps"),
    "uv": (pathlib.Path(sys.executable).parent / "uv", "pip", "install", "--quiet", "--no-cache", "--no-deps"),
}
# The machine's own settings may name other sources.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}


def main():
    for visibility, address in (("public", str), ("private", with_password)):
        target = Target()
        project = Project.new(target, visibility)
        publish(project)
        wheel_at = address(link(project, "1.0.0"))
        index, latest = (address(f"{place}/simple") for place in (project.downloads("v1.1.0"), project.latest))
        ways = {
            "direct": ("1.0.0", f"hello @ {wheel_at}#{digest('1.0.0')}"),
            "index": ("1.1.0", "hello", "--index-url", index),
            "page": ("1.1.0", "hello", "--no-index", "--find-links", address(f"{project.web}/-/releases/v1.1.0")),
            "latest-index": ("1.0.0", "hello==1.0.0", "--index-url", f"{latest}/"),
        }
        for tool in client.TOOLS:
            for way, (version, *what) in ways.items():
                with download(f"{tool}-{way}-{visibility}", target) as folder:
                    same(installed(tool, folder, *what), version)
            with download(f"{tool}-wrong-hash-{visibility}", target) as folder, refused("sha256"):
                installed(tool, folder, f"hello @ {wheel_at}#sha256={'0' * 64}")
    for tool in client.TOOLS:
        with download(f"{tool}-netrc", target) as folder:
            what = ("hello", "--index-url", f"{project.latest}/simple")
            same(installed(tool, folder, *what, NETRC=netrc(folder)), "1.1.0")


def publish(project):
    """Two releases, each with a package, and in the newer one an index of both."""
    items = []
    for version in ("1.0.0", "1.1.0"):
        name = wheel.name(version)
        project.target.files[f"/{name}"] = ("application/zip", wheel.content(version))
        items.append(f'<a href="{link(project, version)}#{digest(version)}">{name}</a>')
    project.target.files["/simple/hello"] = ("text/html", f"<!DOCTYPE html><html>{''.join(items)}</html>".encode())
    project.release("v1.0.0", f"/{wheel.name('1.0.0')}")
    project.release("v1.1.0", f"/{wheel.name('1.1.0')}", "/simple/hello")


def link(project, version):
    """The permanent link of a version."""
    return f"{project.downloads(f'v{version}')}/{wheel.name(version)}"


def digest(version):
    """The hash of a version, as it stands behind its address."""
    return f"sha256={hashlib.sha256(wheel.content(version)).hexdigest()}"


def installed(tool, folder, *what, **environment):
    """Installs into the folder; returns the version that is there."""
    run(*INSTALL[tool], "--target", folder / "site", *what, env={**ENVIRONMENT, **environment})
    (about,) = (folder / "site").glob("hello-*.dist-info")
    return about.name.removeprefix("hello-").removesuffix(".dist-info")


main()
