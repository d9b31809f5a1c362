"""The common script: what every client does, step by step, and what the server must hold afterwards."""

import contextlib
import os

FORMS = ("id", "path")
SCRIPT = (
    "create-release", "add-link", "list-pages", "get-link", "update-link",
    "duplicate", "delete-link", "odd-tag", "delete-release",
)


def steps(*extra, without=()):
    """The names of the script's steps, once with the numeric id and once with the path, and of a client's own."""
    common = [f"{form}/{name}" for form in FORMS for name in SCRIPT if name not in without]
    return common + list(extra)


def link(name, url, link_type="other", path=None):
    """A link as `release` expects it."""
    return {"name": name, "url": url, "link_type": link_type, "path": path}


def final_releases():
    """What the script leaves behind: by tag, the release's name, its description and its links, newest first."""
    left = {}
    for form in FORMS:
        tag, odd = f"v1.0.0-{form}", f"odd/{form}+rc 1"
        place = f"https://downloads.example.com/{tag}"
        left[tag] = {
            "name": f"Release {tag}",
            "description": f"Notes of {tag}",
            "links": [
                link("handbook", f"{place}/handbook", "image"),
                link("linux-amd64", f"{place}/linux-amd64", "package", "/bin/linux-amd64"),
            ],
        }
        left[odd] = {
            "name": f"Release {odd}",
            "description": f"Notes of {odd}",
            "links": [
                link("source", f"https://downloads.example.com/odd-{form}/source", "other", "/files/source"),
            ],
        }
    return left


def repeated_release():
    """What `repeat` leaves behind: the link as the second run published it."""
    published = link("tool", "https://downloads.example.com/repeated/second", "package", "/bin/tool")
    return {"repeated": {"name": "Release repeated", "description": "Notes of repeated", "links": [published]}}


class Refused(Exception):
    """The client reported a refusal, in its own words."""


@contextlib.contextmanager
def step(name):
    """Prints how the step went and goes on after a failure."""
    try:
        yield
    except Exception as error:  # a driver reports every fault of a step and goes on with the next
        why = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"step {name} FAILED: {why}", flush=True)
    else:
        print(f"step {name} ok", flush=True)


def same(got, expected):
    """Fails the step unless both are equal."""
    if got != expected:
        raise AssertionError(f"expected {expected!r}, got {got!r}")


@contextlib.contextmanager
def refused(*words):
    """Fails the step unless the client reports a refusal that contains all the words."""
    try:
        yield
    except Refused as refusal:
        missing = [word for word in words if word not in str(refusal)]
        if missing:
            raise AssertionError(f"expected {missing} in: {refusal}") from None
    else:
        raise AssertionError(f"was not refused; expected {list(words)}")


def run(client):
    """Runs the script with a client that offers create_release, delete_release, get_release, add_link, list_links, get_link,
    update_link and delete_link, and raises `Refused` with the text that it shows its user.

    The text has the status in it, unless the client says `shows_status = False`."""
    for form, project in zip(FORMS, (os.environ["PROJECT_ID"], os.environ["PROJECT_PATH"])):
        Pass(client, form, project).run()


def repeat(client, project):
    """Publishes a link twice, with no word about conflicts, after the project says that links are replaced."""
    with step("repeat"):
        client.replace_links(project)
        client.create_release(project, "repeated", "Release repeated", "Notes of repeated", [])
        published = [
            client.add_link(
                project, "repeated", name="tool", url=f"https://downloads.example.com/repeated/{run}",
                path="/bin/tool", link_type="package",
            )
            for run in ("first", "second")
        ]
        same(len({link["id"] for link in published}), 1)


class Pass:
    """The script with one form of the project's id."""

    def __init__(self, client, form, project):
        self.client = client
        self.form = form
        self.project = project
        self.tag = f"v1.0.0-{form}"
        self.place = f"https://downloads.example.com/{self.tag}"

    def run(self):
        for name in SCRIPT:
            with step(f"{self.form}/{name}"):
                getattr(self, name.replace("-", "_"))()

    def create_release(self):
        links = [
            {"name": "linux-amd64", "url": f"{self.place}/linux-amd64", "path": "/bin/linux-amd64", "link_type": "package"},
            {"name": "docs", "url": f"{self.place}/docs", "link_type": "runbook"},
        ]
        release = self.client.create_release(
            self.project, self.tag, f"Release {self.tag}", f"Notes of {self.tag}", links
        )
        same(release["tag_name"], self.tag)

    def add_link(self):
        added = self.client.add_link(
            self.project, self.tag, name="macos-arm64", url=f"{self.place}/macos-arm64",
            path="/bin/macos-arm64", link_type="other",
        )
        same(added["url"], f"{self.place}/macos-arm64")

    def list_pages(self):
        names = [found["name"] for found in self.client.list_links(self.project, self.tag, per_page=1)]
        same(names, ["macos-arm64", "docs", "linux-amd64"])

    def link_id(self, tag, name):
        ids = [found["id"] for found in self.client.list_links(self.project, tag, per_page=1) if found["name"] == name]
        same(len(ids), 1)
        return ids[0]

    def get_link(self):
        link_id = self.link_id(self.tag, "macos-arm64")
        found = self.client.get_link(self.project, self.tag, link_id)
        same((found["id"], found["link_type"]), (link_id, "other"))

    def update_link(self):
        updated = self.client.update_link(
            self.project, self.tag, self.link_id(self.tag, "docs"),
            name="handbook", url=f"{self.place}/handbook", link_type="image",
        )
        same((updated["name"], updated["link_type"]), ("handbook", "image"))

    def duplicate(self):
        status = ["400"] if getattr(self.client, "shows_status", True) else []
        with refused("Name has already been taken", *status):
            self.client.add_link(self.project, self.tag, name="linux-amd64", url=f"{self.place}/another")

    def delete_link(self):
        link_id = self.link_id(self.tag, "macos-arm64")
        self.client.delete_link(self.project, self.tag, link_id)
        with refused("404"):
            self.client.get_link(self.project, self.tag, link_id)

    def odd_tag(self):
        tag = f"odd/{self.form}+rc 1"
        self.client.create_release(self.project, tag, f"Release {tag}", f"Notes of {tag}", [])
        url = f"https://downloads.example.com/odd-{self.form}/source"
        self.client.add_link(self.project, tag, name="source", url=url, path="/files/source")
        found = self.client.get_link(self.project, tag, self.link_id(tag, "source"))
        same(found["url"], url)
        same(self.client.get_release(self.project, tag)["tag_name"], tag)

    def delete_release(self):
        tag = f"gone/{self.form}+rc 1"
        self.client.create_release(self.project, tag, f"Release {tag}", f"Notes of {tag}", [])
        self.client.delete_release(self.project, tag)
        with refused("404"):
            self.client.get_release(self.project, tag)
