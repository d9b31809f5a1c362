"""Runs other programs, and makes a Debian for them."""

import pathlib
import platform
import shutil
import subprocess

# What ends within this, in seconds, and what compiles or fetches more.
PATIENCE, SLOW = 300, 1200


def run(*command, timeout=PATIENCE, **options):
    """Runs a command to its end; returns its exit code and everything that it printed."""
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", timeout=timeout, **options,
    )
    return done.returncode, done.stdout


def succeed(*command, **options):
    """Runs a command that must succeed; returns what it printed."""
    code, said = run(*command, **options)
    assert code == 0, f"{' '.join(map(str, command))}: exit code {code}: {said[-4000:]}"
    return said


def bootstrap(folder, *options):
    """Makes a small Debian of this machine's release in a folder, unless it is there, from where the machine has its own packages."""
    folder = pathlib.Path(folder)
    if folder.exists():
        return
    print("making a Debian with debootstrap", flush=True)
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    wanted = ("Created-By: Packages", f"Codename: {release}", "Component: main", "Label: Debian")
    mirrors = succeed("apt-get", "indextargets", "--format", "$(REPO_URI)", *wanted).split()
    assert mirrors, f"apt knows no mirror of {release}"
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    succeed("debootstrap", "--variant=minbase", *options, release, new, mirrors[0], timeout=SLOW)
    new.rename(folder)
