"""Runs uscan in a source package, and looks at the version that it reports and at the file that it downloads."""

import pathlib
import tempfile
import xml.etree.ElementTree

from downloads import URL, Project, download, run
from script import refused, same, step
from target import Target

CHANGELOG = "hello ({}-1) unstable; urgency=medium\n\n  * New.\n\n -- Robin <robin@example.com>  Wed, 01 Oct 2025 00:00:00 +0000\n"


def main():
    target = Target()
    project = Project.new(target, "public")
    for version in ("1.9.0", "1.10.0", "1.9.1"):
        project.release(f"v{version}", f"/hello-{version}.tar.xz")
    with step("report"), tempfile.TemporaryDirectory() as folder:
        same(newest(pathlib.Path(folder), project, "1.9.1", "--safe"), ("1.10.0", "newer package available"))
    with step("page"), tempfile.TemporaryDirectory() as folder:
        page = f"{project.web}/-/releases"
        same(newest(pathlib.Path(folder), project, "1.9.1", "--safe", page), ("1.10.0", "newer package available"))
    with step("up-to-date"), tempfile.TemporaryDirectory() as folder, refused("up to date"):
        newest(pathlib.Path(folder), project, "1.10.0", "--safe")
    with download("download", target) as folder:
        same(newest(folder, project, "1.9.1", "--no-symlink"), ("1.10.0", "newer package available"))
        same((folder / "hello-1.10.0.tar.xz").read_bytes(), b"payload of /hello-1.10.0.tar.xz")


def newest(folder, project, version, option, page=None):
    """The newest version and what uscan says about it, in a source package of that version below the folder.

    It searches the API's list as plain text, or the links of a page.
    """
    debian = folder / "hello" / "debian"
    debian.mkdir(parents=True)
    (debian / "changelog").write_text(CHANGELOG.format(version))
    releases = f"{URL}/api/v4/projects/{project.id}/releases"
    files = rf"{project.web}/-/releases/v[\d.]+/downloads/hello-([\d.]+)\.tar\.xz"
    searched = page or f'opts="searchmode=plain" {releases}'
    (debian / "watch").write_text(f"version=4\n{searched} {files}\n")
    said = run("uscan", "--no-conf", "--dehs", option, cwd=debian.parent)
    # The same for people stands before it.
    said = xml.etree.ElementTree.fromstring(said[said.index("<dehs>"):])
    return said.findtext("upstream-version"), said.findtext("status")


main()
