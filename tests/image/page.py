"""What docs/container.md says, done in its order, with nothing but its commands; and the Compose files that it uses."""

import contextlib
import json
import os
import pathlib
import re
import shutil

from engine import BASE, ROOT
from programs import run, succeed
from image import ask, ready

HERE = pathlib.Path(__file__).resolve().parent
PAGE = ROOT / "docs" / "container.md"
DEPLOY = ROOT / "docs" / "deploy"
PLACE = pathlib.Path("/srv/release-links")
CONFINED = {
    "read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"], "restart": "unless-stopped",
}
# What the tests change: limits that this machine may not allow, and the programs of the stand-in, which are this machine's.
CHANGED_SERVER = """
services:
  release-links:
    ulimits: !reset {}
"""
CHANGED_DATABASE = """
  database:
    volumes: ["/usr:/usr:ro"]
"""


def blocks(heading):
    """The commands below a heading of the page, a block each."""
    _, _, text = PAGE.read_text().partition(f"\n## {heading}\n")
    return re.findall(r"^```sh\n(.*?)^```$", text.split("\n## ")[0], re.MULTILINE | re.DOTALL)


def typed(block, **options):
    """Runs a block as somebody would type it; returns what it printed."""
    return succeed("bash", "-euo", "pipefail", "-c", block, **options)


def the_page_for_one_container_is_true(work):
    start, take, create = blocks("One container with SQLite")
    save, restore, remove = blocks("Backup, restore and upgrade")
    folder = work / "host"
    folder.mkdir()
    typed(start, cwd=folder)
    ready("release-links")
    token = typed(take, cwd=folder).strip()
    assert ask("projects", token, {"name": "before"})[0] == 201
    another = typed(create, cwd=folder).strip()
    assert ask("user", another)[0] == 200
    typed(save, cwd=folder)
    assert ask("projects", token, {"name": "after"})[0] == 201
    typed(restore, cwd=folder)
    ready("release-links")
    assert names(token) == ["before"]
    typed(remove, cwd=folder)
    typed(start, cwd=folder)
    ready("release-links")
    assert names(token) == ["before"]


def names(token):
    status, projects = ask("projects", token)
    assert status == 200, projects
    return [project["name"] for project in projects]


def services_have_no_rights(_):
    """Of each Compose file, as Compose itself understands it."""
    unit = (DEPLOY / "release-links.service").read_text()
    seconds = re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE).group(1)
    given = {"RELEASE_LINKS_EXTERNAL_URL": "https://links.example.com", "LITESTREAM_REPLICA_URL": "s3://bucket"}
    files = sorted(DEPLOY.glob("compose*.yaml"))
    assert files
    for file in files:
        code, said = run("docker", "compose", "--file", file, "config")
        assert code != 0 and "RELEASE_LINKS_EXTERNAL_URL is missing a value: the URL" in said, said
        said = succeed("docker", "compose", "--file", file, "config", "--format=json", env=os.environ | given)
        services = json.loads(said)["services"]
        for name, service in services.items():
            assert CONFINED == {key: service.get(key) for key in CONFINED}, f"{file.name}: {name}: {service}"
            assert all(port["host_ip"] == "127.0.0.1" for port in service.get("ports", ())), service["ports"]
            assert all(mount["type"] == "volume" or mount["read_only"] for mount in service["volumes"]), service
        assert services["release-links"]["stop_grace_period"] == f"{seconds}s", services["release-links"]
    assert f"--stop-timeout {seconds} " in PAGE.read_text()


@contextlib.contextmanager
def compose(changed):
    """The directory of a Compose file that a block then fills."""
    PLACE.mkdir()
    (PLACE / "compose.override.yaml").write_text(changed)
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{error}\n{run('docker', 'compose', 'logs', '--tail=50', cwd=PLACE)[1]}") from error
    finally:
        succeed("docker", "compose", "down", "--volumes", cwd=PLACE)
        shutil.rmtree(PLACE)


def the_page_for_postgresql_is_true(_):
    stand_in("postgres:15-bookworm", HERE / "database")
    start, take, save, restore = blocks("With PostgreSQL")
    with compose(CHANGED_SERVER + CHANGED_DATABASE):
        typed(start, cwd=ROOT)
        token = typed(take, cwd=PLACE).strip()
        assert ask("projects", token, {"name": "before"})[0] == 201
        typed(save, cwd=PLACE)
        assert ask("projects", token, {"name": "after"})[0] == 201
        typed(restore, cwd=PLACE)
        ready("release-links-release-links-1")
        assert names(token) == ["before"]
        stops_orderly("release-links-release-links-1", "release-links-database-1")


def stand_in(name, context):
    """Builds an image that Compose then need not fetch."""
    how = ("--isolation=chroot", "--pull-never", f"--build-arg=BASE={BASE}")
    succeed("buildah", "build", "--quiet", *how, f"--tag={name}", context)


def stops_orderly(*containers):
    succeed("docker", "compose", "stop", cwd=PLACE)
    for container in containers:
        code = succeed("podman", "inspect", "--format={{.State.ExitCode}}", container).strip()
        assert code == "0", f"{container}: exit code {code}"


def the_page_for_litestream_is_true(work):
    context = work / "litestream"
    shutil.copytree(HERE / "litestream", context)
    shutil.copy(shutil.which("litestream"), context)
    stand_in("litestream/litestream:0.5.17", context)
    start, restore = blocks("With SQLite and Litestream")
    with compose(CHANGED_SERVER):
        typed(start.replace("s3://BUCKET/release-links", "file:///data/replica"), cwd=ROOT)
        file = "/data/release-links.db.root-token"
        token = succeed("docker", "compose", "exec", "release-links", "cat", file, cwd=PLACE).strip()
        assert ask("projects", token, {"name": "before"})[0] == 201
        stops_orderly("release-links-release-links-1", "release-links-litestream-1")
        typed(restore, cwd=PLACE)
        assert names(token) == ["before"]


CHECKS = (
    the_page_for_one_container_is_true, services_have_no_rights, the_page_for_postgresql_is_true,
    the_page_for_litestream_is_true,
)
