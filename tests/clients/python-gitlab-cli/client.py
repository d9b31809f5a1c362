"""The `gitlab` command of python-gitlab from PyPI."""

import pathlib

import script

STEPS = script.steps("assets-as-text", "job-token")
VERSION = "8.6.0"


def install(packages):
    packages.pip("python-gitlab", f"python-gitlab=={VERSION}")
    return f"python-gitlab {VERSION}"


def command(packages):
    python = pathlib.Path(packages.pip("python-gitlab", f"python-gitlab=={VERSION}"))
    return [python, "driver.py", python.parent / "gitlab"]


def releases(facts):
    return script.final_releases()
