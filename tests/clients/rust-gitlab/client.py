"""The `gitlab` crate. It has no call that deletes a release."""

import pathlib

import script

STEPS = script.steps(
    "connect", *(f"{form}/raw-slash" for form in script.FORMS), without=("delete-release",)
)
MANIFEST = pathlib.Path(__file__).resolve().parent / "Cargo.toml"


def install(packages):
    packages.cargo(MANIFEST)
    return "gitlab 0.1905.0"


def command(packages):
    return [packages.cargo(MANIFEST) / "release-links-client-rust-gitlab"]


def releases(facts):
    return script.final_releases()
