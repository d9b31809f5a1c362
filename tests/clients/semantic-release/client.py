"""semantic-release with its GitLab plugin, from npm: whole publishes from a temporary repository."""

import script

STEPS = ["publish", "publish-again", "publish-with-comments", "publish-with-job-token"]
PACKAGES = ("semantic-release@24.2.9", "@semantic-release/gitlab@13.3.3")


def install(packages):
    packages.command("git", "git")
    packages.node()
    packages.npm("semantic-release", *PACKAGES)
    return ", ".join(PACKAGES)


def command(packages):
    modules = packages.npm("semantic-release", *PACKAGES) / "node_modules"
    return [packages.python, "driver.py", packages.node(), modules]


def releases(facts):
    return {
        tag: {
            "name": tag,
            "links": [
                script.link("handbook", f"https://downloads.example.com/{tag}/handbook", "runbook"),
                script.link("tool", f"https://downloads.example.com/{tag}/tool", "package", "/bin/tool"),
            ],
        }
        for tag in ("v1.0.0", "v1.1.0", "v1.1.1")
    }
