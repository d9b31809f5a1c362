"""The `self_update` crate: a list of releases over two pages, and a program that updates itself."""

import pathlib

STEPS = [f"{step}-{visibility}" for visibility in ("public", "private") for step in ("list", "trailing-slash", "update", "up-to-date")]
MANIFEST = pathlib.Path(__file__).resolve().parent / "Cargo.toml"


def install(packages):
    packages.cargo(MANIFEST)
    return "self_update 1.3.3"


def command(packages):
    return [packages.python, "driver.py", packages.cargo(MANIFEST) / "release-links-client-self-update"]
