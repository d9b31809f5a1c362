"""What cargo-binstall, Renovate, JReleaser and Terraform's provider send and require; they are too large to install here."""

import script

STEPS = (
    "binstall", "renovate-tags", "renovate-releases", "jreleaser", "jreleaser-list",
    *(f"terraform-{name}" for name in ("link", "data", "group", "project", "token", "tag-protection")),
)


def install(_):
    return "Python"


def command(packages):
    return [packages.python, "driver.py"]


def releases(facts):
    place = "https://downloads.example.com"
    return {
        "v1.0.0": {
            "name": "Release 1.0.0",
            "description": "## Changelog",
            "links": [
                script.link("renamed", f"{place}/handbook", "runbook", "/docs/handbook"),
                script.link("hello.zip", f"{place}/hello.zip"),
            ],
        }
    }
