"""What the drivers of installers share: projects whose links lead to another host's files, and a step that downloads."""

import base64
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

from api import Api
from script import Refused, same, step

URL, TOKEN = os.environ["URL"], os.environ["READ_TOKEN"]
# The token as tools show it: bare, and as the password of HTTP Basic for the user name `ci`.
SECRETS = (TOKEN, base64.b64encode(f"ci:{TOKEN}".encode()).decode())

EXAMPLE_HOST = re.compile(r"https://([^/@\s]*@)?links\.example\.com")
PROGRAMS = {
    "sh": ("bash", "-euo", "pipefail"), "python": (sys.executable,), "perl": ("perl",), "yaml": ("ansible-playbook",),
    "js": ("node",), "ruby": ("/usr/bin/ruby",),
}


def with_password(address):
    """The address of something here, with the token as the password."""
    return address.replace("://", f"://ci:{TOKEN}@", 1)


def netrc(folder):
    """A file by which tools find the token as this host's password; returns its path."""
    file = folder / ".netrc"
    file.write_text(f"machine {urllib.parse.urlsplit(URL).hostname} login ci password {TOKEN}\n")
    file.chmod(0o600)
    return str(file)


class Project:
    """Releases whose links lead to the target; each link is named after its path."""

    def __init__(self, target, project_id, path):
        self.root = Api(URL, os.environ["ADMINISTRATOR_TOKEN"])
        self.target = target
        self.id = project_id
        self.path = path
        self.web = f"{URL}/{path}"
        self.latest = f"{self.web}/-/releases/permalink/latest/downloads"

    @classmethod
    def new(cls, target, visibility):
        """A project that is named after its visibility and has the user as a guest."""
        root = Api(URL, os.environ["ADMINISTRATOR_TOKEN"])
        made = root.create("/projects", name=visibility, path=visibility, visibility=visibility)
        root.create(f"/projects/{made['id']}/members", user_id=os.environ["USER_ID"], access_level=10)
        return cls(target, made["id"], made["path_with_namespace"])

    def release(self, tag, *paths, **fields):
        """Publishes a release with a link for each path, which is the path here and at the target."""
        links = [
            {"name": path.removeprefix("/"), "url": self.target.url + path, "direct_asset_path": path} for path in paths
        ]
        self.root.create(f"/projects/{self.id}/releases", tag_name=tag, assets={"links": links}, **fields)

    def delete(self, tag):
        """Deletes a release."""
        self.root.call("DELETE", f"/projects/{self.id}/releases/{urllib.parse.quote(tag, safe='')}")

    def downloads(self, tag):
        """The address below which the permanent links of a release are."""
        return f"{self.web}/-/releases/{urllib.parse.quote(tag, safe='')}/downloads"


@contextlib.contextmanager
def download(name, target, passed_on=False):
    """A step in a folder of its own, which must ask the target for something and keep the token from it, unless it passes it on."""
    with step(name), tempfile.TemporaryDirectory() as folder:
        target.requests.clear()
        yield pathlib.Path(folder)
        same(len(target.requests) > 0, True)
        if passed_on:
            same(leaks(target) != [], True)
        else:
            same(leaks(target), [])


def leaks(target):
    """The lines in which the token reached the target."""
    asked = urllib.parse.unquote("\n".join(target.requests))
    return [line for line in asked.splitlines() if any(secret in line for secret in SECRETS)]


def run(*command, **options):
    """Runs a tool to its end and returns what it printed; a failure is a refusal in these words."""
    done = subprocess.run(
        [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=120, **options,
    )
    if done.returncode:
        raise Refused(f"exit code {done.returncode}: {done.stdout[-1500:]}")
    return done.stdout


def run_example(folder, language, text, environment):
    """Runs an example of the documentation in a folder, with this server in the place of the page's."""
    here = urllib.parse.urlsplit(URL)
    text = EXAMPLE_HOST.sub(rf"{here.scheme}://\g<1>{here.netloc}", text)
    file = folder / "example"
    file.write_text(text.replace("links.example.com", here.hostname))
    # The programs of the virtual environment come first.
    path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    return run(*PROGRAMS[language], file, cwd=folder, env={**os.environ, "LC_ALL": "C.UTF-8", "PATH": path, **environment})
