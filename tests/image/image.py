"""The image itself: how it is built, what it says about itself, and that it runs without rights."""

import json
import os
import re
import time
import tomllib
import urllib.error
import urllib.request

from engine import BASE, PATIENCE, ROOT
from programs import run, succeed

DOCKERFILE = ROOT / "docs" / "deploy" / "Dockerfile"
IGNORED = ROOT / "docs" / "deploy" / "Dockerfile.dockerignore"
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
IMAGE = f"release-links:{VERSION}"
SERVICE = "http://127.0.0.1:8080"
# As docs/container.md says, and without what Podman would make writable beyond that.
CONFINED = ("--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--security-opt=no-new-privileges")
SETTINGS = ("--publish=127.0.0.1:8080:8080", "--env=RELEASE_LINKS_EXTERNAL_URL=https://links.example.com")


def ask(path, token, body=None, method=None):
    """Asks the server for a path below the API; returns the status and the answer."""
    request = urllib.request.Request(f"{SERVICE}/api/v4/{path}", method=method)
    request.add_header("PRIVATE-TOKEN", token)
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def ready(container):
    """Waits until the health check of a container succeeds."""
    deadline = time.monotonic() + PATIENCE
    while run("podman", "exec", container, "release-links", "healthcheck")[0]:
        running = succeed("podman", "inspect", "--format={{.State.Running}}", container).strip()
        assert running == "true" and time.monotonic() < deadline, run("podman", "logs", container)[1]
        time.sleep(0.1)


def hadolint_has_nothing_to_say(_):
    assert succeed("hadolint", DOCKERFILE) == ""


def versions_are_those_of_the_project(_):
    text = DOCKERFILE.read_text()
    toolchain = tomllib.loads((ROOT / "rust-toolchain.toml").read_text())["toolchain"]["channel"]
    assert set(re.findall(r"(?:rust:|TOOLCHAIN=)([\d.]+)", text)) == {toolchain}, toolchain
    named = [DOCKERFILE, *(ROOT / "docs" / "deploy").glob("compose*.yaml"), ROOT / "docs" / "container.md"]
    for file in named:
        assert set(re.findall(r"release-links:(\d[\w.-]*)", file.read_text())) == {VERSION}, file
    assert f'image.version="{VERSION}"' in text


def the_build_gets_what_cargo_needs(work):
    """The sources, without what was built, and enough of them for cargo to see the whole workspace."""
    recipe = work / "context.Dockerfile"
    recipe.write_text("FROM scratch\nCOPY . /\n")
    ours = (f"--ignorefile={IGNORED}", f"--file={recipe}")
    succeed("buildah", "build", "--quiet", "--isolation=chroot", *ours, "--tag=context", ROOT)
    container = succeed("buildah", "from", "localhost/context").strip()
    try:
        sources = succeed("buildah", "mount", container).strip()
        left_out = {".git", "target", "data"} & set(os.listdir(sources))
        assert not left_out, left_out
        succeed("cargo", "metadata", "--locked", "--offline", "--no-deps", "--format-version=1", cwd=sources)
    finally:
        succeed("buildah", "rm", container)
        succeed("buildah", "rmi", "localhost/context")


def image_says_how_it_runs(work):
    """Builds it, as the page says, on a base of Debian's packages."""
    container = succeed("buildah", "from", "scratch").strip()
    succeed("buildah", "add", "--quiet", container, work / "base", "/")
    succeed("buildah", "config", "--env=PATH=/usr/local/bin:/usr/bin:/bin", container)
    succeed("buildah", "commit", "--quiet", "--disable-compression", "--rm", container, BASE)
    succeed("docker", "build", "--file", "docs/deploy/Dockerfile", "--tag", IMAGE, ".", cwd=ROOT)
    base, image = json.loads(succeed("podman", "image", "inspect", BASE, IMAGE))
    print(f"   {image['Size'] / 1e6:.0f} MB with the binary of the tests, of which {base['Size'] / 1e6:.0f} MB are the base")
    says = image["Config"]
    environment = dict(pair.split("=", 1) for pair in says["Env"])
    environment.pop("PATH")
    assert environment == {"RELEASE_LINKS_LISTEN": "0.0.0.0:8080", "STATE_DIRECTORY": "/data", "SQLITE_TMPDIR": "/data"}
    assert (says["User"], says["WorkingDir"], says["StopSignal"]) == ("65532:65532", "/", "SIGTERM"), says
    assert (says["Entrypoint"], says["Cmd"]) == (["release-links"], ["serve"]), says
    assert (says["Volumes"], says["ExposedPorts"]) == ({"/data": {}}, {"8080/tcp": {}}), says
    assert image["Healthcheck"]["Test"] == ["CMD", "release-links", "healthcheck"], image
    labels = {name.rpartition(".")[2] for name in says["Labels"] if name.startswith("org.opencontainers.image.")}
    assert labels == {"title", "description", "version", "licenses"}, labels


def user_of_the_image_needs_no_rights(_):
    runs_without_rights("65532", "--volume=data:/data")


def another_user_needs_no_rights(work):
    own = work / "own"
    own.mkdir(mode=0o700)
    os.chown(own, 1234, 1234)
    runs_without_rights("1234", "--user=1234:1234", f"--volume={own}:/data")


def runs_without_rights(user, *options):
    """With a read-only disk it starts, answers, writes much at once, says whether it is healthy, and stops orderly."""
    container = succeed("podman", "run", "--detach", *CONFINED, *SETTINGS, *options, IMAGE).strip()
    ready(container)
    assert run("podman", "healthcheck", "run", container)[0] == 0
    # Docker's default, which has no file for temporary data in memory.
    assert run("podman", "exec", container, "touch", "/tmp/file")[0] != 0
    may(container, user)
    answers(succeed("podman", "exec", container, "cat", "/data/release-links.db.root-token").strip())
    succeed("podman", "stop", "--time=30", container)
    ended = succeed("podman", "inspect", "--format={{.State.ExitCode}} {{.State.OOMKilled}}", container).split()
    assert ended == ["0", "false"], ended
    succeed("podman", "rm", container)
    code, said = run("podman", "run", "--rm", *options, IMAGE, "healthcheck")
    assert code == 1 and "does not answer" in said, f"exit code {code}: {said}"


def may(container, user):
    """Who the server is, and what it may do: nothing beyond what its user may."""
    process = succeed("podman", "inspect", "--format={{.State.Pid}}", container).strip()
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        is_ = dict(line.rstrip("\n").split(":\t", 1) for line in status)
    assert set(is_["Uid"].split()) == set(is_["Gid"].split()) == {user}, is_
    capabilities = [is_[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")]
    assert not any(int(mask, 16) for mask in capabilities), is_
    assert is_["NoNewPrivs"] == "1", is_
    files = ("/data/release-links.db", "/data/release-links.db.root-token")
    modes = succeed("podman", "exec", container, "stat", "--format=%a %u", *files)
    assert modes.splitlines() == [f"600 {user}"] * len(files), modes


def answers(token):
    status, project = ask("projects", token, {"name": "hello", "visibility": "public"})
    assert status == 201, project
    # So many that SQLite puts some aside in a temporary file.
    links = [{"name": f"link-{n}", "url": f"https://files.example.com/{n:x>1000}"} for n in range(500)]
    releases = f"projects/{project['id']}/releases"
    status, release = ask(releases, token, {"tag_name": "v1", "assets": {"links": links}})
    assert status == 201, release
    status, manifest = ask(f"{releases}/v1/assets/manifest", token, {"links": links[::-1]}, "PUT")
    assert status == 200, manifest


CHECKS = (
    hadolint_has_nothing_to_say, versions_are_those_of_the_project, the_build_gets_what_cargo_needs, image_says_how_it_runs,
    user_of_the_image_needs_no_rights, another_user_needs_no_rights,
)
