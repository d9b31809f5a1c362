"""python-gitlab from PyPI, as a library."""

import script

STEPS = script.steps(
    "iterator", "save", "release-save", "tag", "oauth-token", "project-token", "job-token", "team", "arranging", "repeat", "bad-token",
)
VERSION = "8.6.0"


def install(packages):
    packages.pip("python-gitlab", f"python-gitlab=={VERSION}")
    return f"python-gitlab {VERSION}"


def command(packages):
    return [packages.pip("python-gitlab", f"python-gitlab=={VERSION}"), "driver.py"]


def releases(facts):
    expected = {**script.final_releases(), **script.repeated_release()}
    expected["v1.0.0-id"]["description"] = "Better notes"
    expected["tokens"] = {
        "links": [
            script.link(name, f"https://downloads.example.com/tokens/{name}")
            for name in ("job", "project", "oauth")
        ]
    }
    return expected
