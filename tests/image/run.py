#!/usr/bin/env python3
"""Builds the image by docs/deploy/Dockerfile, and runs it as docs/container.md and the Compose files in docs/deploy say."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

import engine
import image
import page
from outcomes import Outcomes
from programs import run, succeed

# Mounts, addresses, ports and processes of its own, which are in nobody's way and end with the suite.
APART = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
INSIDE = "--inside"


def main(arguments):
    if arguments[:1] == [INSIDE]:
        return inside(pathlib.Path(arguments[1]))
    with tempfile.TemporaryDirectory(prefix="release-links-image-") as folder:
        environment = engine.prepare(pathlib.Path(folder))
        command = [*APART, sys.executable, __file__, INSIDE, folder]
        return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode


def inside(work):
    succeed("ip", "link", "set", "lo", "up")
    # Where the page puts its files.
    succeed("mount", "-t", "tmpfs", "tmpfs", "/srv")
    outcomes = Outcomes()
    with service(work), health_checks():
        for check in (*image.CHECKS, *page.CHECKS):
            outcomes.attempt(check, work)
            run("podman", "rm", "--all", "--force", "--time=0")
            run("podman", "volume", "rm", "--all", "--force")
    return outcomes.end()


@contextlib.contextmanager
def service(work):
    """Podman in the place of Docker's daemon, for Compose."""
    with (work / "service.log").open("w") as log:
        command = ["podman", "system", "service", "--time=0", os.environ["DOCKER_HOST"]]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=engine.PATIENCE)


@contextlib.contextmanager
def health_checks():
    """Runs health checks, which Podman leaves to systemd's timers."""
    over = threading.Event()

    def repeat():
        while not over.wait(0.5):
            for name in run("podman", "ps", "--format={{.Names}}")[1].split():
                run("podman", "healthcheck", "run", name)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
