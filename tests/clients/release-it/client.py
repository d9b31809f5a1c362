"""release-it from npm: whole releases from a temporary repository. It derives a path of two segments from the remote."""

STEPS = ["release", "second-release", "release-with-job-token"]
PROJECT = "acme/hello"
PACKAGES = ("release-it@20.2.1",)


def install(packages):
    packages.command("git", "git")
    packages.node()
    packages.npm("release-it", *PACKAGES)
    return PACKAGES[0]


def command(packages):
    program = packages.npm("release-it", *PACKAGES) / "node_modules" / "release-it" / "bin" / "release-it.js"
    return [packages.python, "driver.py", packages.node(), program]


def releases(facts):
    return {version: {"name": f"Release {version}", "links": []} for version in ("1.0.0", "1.1.0", "1.1.1")}
