"""Programs that upload files and make links to them, with nothing but this server: the examples of docs/publishing.md, and what glab,
GoReleaser and JReleaser send, which cannot be installed here."""

import os

import examples

PROJECT = "acme/hello"
EXAMPLES = examples.of("publishing.md", only="Publishing files")
STEPS = (
    *(name for name, _, _ in EXAMPLES),
    "curl-basic", "curl-job-token", "python-gitlab", "gitbeaker", "semantic-release-again",
    "glab-label", "glab-download", "goreleaser-job-token", "jreleaser-update",
)
PYTHON = ("python-gitlab==8.6.0",)
NODE = {
    "gitbeaker": ("@gitbeaker/rest@43.8.0", "@gitbeaker/cli@43.8.0"),
    "semantic-release": ("semantic-release@24.2.9", "@semantic-release/gitlab@13.3.3"),
    "release-it": ("release-it@20.2.1",),
}
GO = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}


def install(packages):
    packages.command("git", "git")
    debian = packages.apt("curl", "jq", "golang-go", "golang-github-xanzy-go-gitlab-dev")
    packages.pip("python-gitlab", *PYTHON)
    packages.node()
    for name, requirements in NODE.items():
        packages.npm(name, *requirements)
    return ", ".join((debian, *PYTHON, *(requirements[-1] for requirements in NODE.values())))


def command(packages):
    modules = {name: packages.npm(name, *requirements) / "node_modules" for name, requirements in NODE.items()}
    settings = {
        **GO, "GOCACHE": packages.folder / "go-cache", "NODE_PATH": modules["gitbeaker"],
        "PATH": f"{os.path.dirname(packages.node())}:{os.environ['PATH']}",
        "SEMANTIC_RELEASE": modules["semantic-release"], "RELEASE_IT": modules["release-it"] / "release-it" / "bin" / "release-it.js",
    }
    return ["env", *(f"{name}={value}" for name, value in settings.items()), packages.pip("python-gitlab", *PYTHON), "driver.py"]
