"""The examples of docs/publishing.md, but for those that upload files, which `file-publishers` runs."""

import os

import examples

PROJECT = "acme/hello"
EXAMPLES = examples.of("publishing.md", without=("Publishing files",))
STEPS = [name for name, _, _ in EXAMPLES]
PYTHON = ("python-gitlab==8.6.0",)
NODE = ("@gitbeaker/rest@43.8.0", "@gitbeaker/cli@43.8.0")


def install(packages):
    debian = packages.apt("curl", "jq", "ruby-gitlab", "libgitlab-api-v4-perl")
    packages.pip("python-gitlab", *PYTHON)
    packages.node()
    packages.npm("gitbeaker", *NODE)
    return ", ".join((debian, *PYTHON, NODE[0]))


def command(packages):
    modules = packages.npm("gitbeaker", *NODE) / "node_modules"
    path = f"{os.path.dirname(packages.node())}:{os.environ['PATH']}"
    return ["env", f"NODE_PATH={modules}", f"PATH={path}", packages.pip("python-gitlab", *PYTHON), "driver.py"]
