"""Installs what the server keeps, and looks at what is there afterwards; a file that is not what the index says is refused."""

import contextlib
import hashlib
import os
import pathlib
import sys
import tempfile
import urllib.parse

import debs
import helm_python
import tarball
import wheel
from downloads import TOKEN, URL, Project, netrc, run, with_password
from files import content, put
from script import refused, same, step
from target import Target

MISE = sys.argv[1]
INSTALL = {
    "pip": (sys.executable, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--no-deps"),
    "uv": (pathlib.Path(sys.executable).parent / "uv", "pip", "install", "--quiet", "--no-cache", "--no-deps"),
}
# The machine's own settings may name other sources.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "MISE_"))}
BIG = "big.bin"


def main():
    for visibility in ("public", "private"):
        target = Target()
        kept = Kept(Project.new(target, visibility), visibility == "private")
        for name, ways in {"python": python, "apt": apt, "helm": helm, "mise": mise, "downloads": downloaders}.items():
            for way, check in ways(kept).items():
                with step(f"{way}-{visibility}"), tempfile.TemporaryDirectory() as folder:
                    check(pathlib.Path(folder))
        target.stop()


class Kept:
    """A project whose files the server keeps."""

    def __init__(self, project, private):
        self.project, self.private = project, private
        self.packages = f"{URL}/api/v4/projects/{urllib.parse.quote(project.path, safe='')}/packages/generic"

    def address(self, address):
        """The address with the token in it, if that is needed."""
        return with_password(address) if self.private else address

    def login(self, folder):
        """Settings by which tools find the token, if it is needed."""
        return {"NETRC": netrc(folder), "HOME": str(folder)} if self.private else {"HOME": str(folder)}

    def release(self, tag, files, **fields):
        """Publishes the files, each by its path, and a release with a link to each."""
        links = []
        for number, (path, held) in enumerate(files.items()):
            name = path.rpartition("/")[2]
            # Two files in two folders may have the same name.
            address = f"{self.packages}/{tag}/{number}/{urllib.parse.quote(name)}"
            put(address, held)
            links.append({"name": path, "url": address, "direct_asset_path": f"/{path}"})
        self.project.root.create(f"/projects/{self.project.id}/releases", tag_name=tag, assets={"links": links}, **fields)

    def link(self, tag, path):
        """The permanent link to a file."""
        return f"{self.project.downloads(tag)}/{path}"


def python(kept):
    """A package by its address and hash, from the page of a release, and from an index on another host, whose hashes must be right."""
    name, held = wheel.name(), wheel.content()
    kept.release("python", {name: held})
    right, wrong = hashlib.sha256(held).hexdigest(), "0" * 64
    link, direct = kept.link("python", name), f"{kept.packages}/python/0/{name}"
    for index, digest in {"/right/hello/": right, "/wrong/hello/": wrong}.items():
        page = f'<!DOCTYPE html><html><a href="{link}#sha256={digest}">{name}</a></html>'
        kept.project.target.files[index] = ("text/html", page.encode())
    elsewhere = kept.project.target.url
    ways = {
        "direct": (f"hello @ {kept.address(direct)}#sha256={right}",),
        "page": ("hello", "--no-index", "--find-links", kept.address(f"{kept.project.web}/-/releases/python")),
        "index": ("hello", "--index-url", f"{elsewhere}/right/"),
        "changed": ("hello", "--index-url", f"{elsewhere}/wrong/"),
    }

    def check(tool, way):
        def run_it(folder):
            with refused("sha256") if way == "changed" else contextlib.nullcontext():
                installed(kept, tool, folder, *ways[way])
            same([found.name for found in folder.glob("hello-*")], [] if way == "changed" else ["hello-1.0.0.dist-info"])
        return run_it

    return {f"{tool}-{way}": check(tool, way) for tool in INSTALL for way in ways}


def installed(kept, tool, folder, *what):
    """Installs it into the folder."""
    run(*INSTALL[tool], "--target", folder, *what, env={**ENVIRONMENT, **kept.login(folder)}, cwd=folder)


def apt(kept):
    """A repository without folders, of the files of one package, and one with the usual folders, behind permanent links."""
    flat = debs.repository("", "")
    for path, held in flat.items():
        put(f"{kept.packages}/debian/stable/{path}", held)
    kept.release("debian", debs.repository("dists/stable/", "pool/"))
    # apt would send the slash of a path as it is.
    package = f"{URL}/api/v4/projects/{kept.project.id}/packages/generic/debian/stable"
    sources = {"package": f"{package} /", "links": f"{kept.project.downloads('debian')} stable main"}

    def check(source):
        def run_it(folder):
            apt = debs.Apt(folder, source, TOKEN if kept.private else None)
            apt.get("update")
            same(apt.candidate(), "1.0.0")
            same(apt.downloaded(folder), "1.0.0")
        return run_it

    return {f"apt-{way}": check(source) for way, source in sources.items()}


def helm(kept):
    """A repository of charts: its index and a chart beside it, as files of one package and behind permanent links."""
    chart = tarball.of("hello/Chart.yaml", b"apiVersion: v2\nname: hello\nversion: 1.0.0\n")
    name = "hello-1.0.0.tgz"
    index = (
        "apiVersion: v1\nentries:\n  hello:\n  - apiVersion: v2\n    name: hello\n    version: 1.0.0\n"
        f"    digest: {hashlib.sha256(chart).hexdigest()}\n    urls: [{name}]\n"
    ).encode()
    for path, held in {"index.yaml": index, name: chart}.items():
        put(f"{kept.packages}/charts/stable/{path}", held)
    kept.release("charts", {"index.yaml": index, name: chart})
    login = {"username": "ci", "password": TOKEN} if kept.private else {}

    def check(repository):
        def run_it(folder):
            helm_python.pull("hello", repo_url=repository, destination=folder, **login)
            same((folder / name).read_bytes(), chart)
        return run_it

    return {"helm-package": check(f"{kept.packages}/charts/stable"), "helm-links": check(kept.project.downloads("charts"))}


def mise(kept):
    """A program in an archive, against the sums that the server makes of the file itself, and against wrong ones on another host."""
    archive = "hello-1.0.0-linux-x64.tar.gz"
    kept.release("v1.0.0", {archive: tarball.of("hello", b"#!/bin/sh\necho hello 1.0.0\n", 0o755)}, released_at="2025-10-01T00:00:00Z")
    sums = {"name": "SHA256SUMS", "url": f"{kept.project.downloads('v1.0.0')}/SHA256SUMS"}
    links = f"/projects/{kept.project.id}/releases/v1.0.0/assets/links"
    kept.project.root.create(links, **sums)
    token = TOKEN if kept.private else ""

    def run_it(folder):
        (folder / "mise.toml").write_text(f'[tools."gitlab:{kept.project.path}"]\napi_url = "{URL}/api/v4"\nversion = "1.0.0"\n')
        environment = {
            **ENVIRONMENT, **kept.login(folder), "HOME": str(folder), "MISE_TRUSTED_CONFIG_PATHS": str(folder),
            "MISE_GITLAB_ENTERPRISE_TOKEN": token, "MISE_USE_VERSIONS_HOST": "false", "MISE_YES": "true", "MISE_QUIET": "1",
        }
        run(MISE, "install", cwd=folder, env=environment)
        return run(MISE, "exec", "--", "hello", cwd=folder, env=environment).strip()

    def changed(folder):
        kept.project.target.files["/SHA256SUMS"] = ("text/plain", f"{'0' * 64}  {archive}\n".encode())
        elsewhere = {**sums, "url": f"{kept.project.target.url}/SHA256SUMS", "on_conflict": "replace"}
        same(kept.project.root.call("POST", links, elsewhere)[0], 200)
        with refused("hecksum"):
            run_it(folder)

    return {"mise": lambda folder: same(run_it(folder), "hello 1.0.0"), "mise-changed": changed}


def downloaders(kept):
    """The whole of a large file, in parts where the tool likes them, and the rest of one that was cut off."""
    held = b"".join(content(f"{BIG} {number}") for number in range(25))
    kept.release("downloads", {BIG: held})
    link = kept.link("downloads", BIG)
    commands = {
        "curl": ("curl", "-fsSL", "--netrc-optional", "-o", BIG, link),
        "wget": ("wget", "-q", "--auth-no-challenge", kept.address(link)),
        "wget-continue": ("wget", "-q", "-c", "--auth-no-challenge", kept.address(link)),
        "aria2": ("aria2c", "-q", "--split=4", "--max-connection-per-server=4", "--min-split-size=1M", *aria2(kept, link)),
        "aria2-continue": ("aria2c", "-q", "-c", *aria2(kept, link)),
    }

    def check(way):
        def run_it(folder):
            if way.endswith("-continue"):
                (folder / BIG).write_bytes(held[:1_234_567])
            run(*commands[way], cwd=folder, env={**ENVIRONMENT, **kept.login(folder)})
            same((folder / BIG).read_bytes() == held, True)
        return run_it

    return {way: check(way) for way in commands}


def aria2(kept, link):
    """aria2 sends the password only in answer to 401, unless it is told otherwise."""
    return ("--http-auth-challenge=false", kept.address(link))


main()
