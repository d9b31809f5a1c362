"""Drives semantic-release; the arguments are the interpreter and the folder of the modules."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import git
from script import same, step

NODE, MODULES = sys.argv[1:]
URL, PROJECT_ID, PROJECT_PATH = (os.environ[name] for name in ("URL", "PROJECT_ID", "PROJECT_PATH"))
ASSETS = [
    {
        "label": "tool", "type": "package", "filepath": "/bin/tool",
        "url": "https://downloads.example.com/v${nextRelease.version}/tool",
    },
    {
        "label": "handbook", "type": "runbook",
        "url": "https://downloads.example.com/v${nextRelease.version}/handbook",
    },
]


def configuration(repository, **options):
    """The files of a project that publishes; the plugin's options come on top of its assets."""
    plugin = ["@semantic-release/gitlab", {"assets": ASSETS, "failCommentCondition": False, **options}]
    plugins = ["@semantic-release/commit-analyzer", "@semantic-release/release-notes-generator", plugin]
    settings = {"branches": ["main"], "repositoryUrl": repository.url, "plugins": plugins}
    return {".releaserc.json": json.dumps(settings)}


def publish(repository, **credential):
    """Runs semantic-release in the clone; returns its exit code and what it printed."""
    environment = {
        **repository.environment, "GITLAB_CI": "true", "CI": "true", "CI_COMMIT_REF_NAME": "main",
        "CI_COMMIT_SHA": repository.head(), "CI_PROJECT_ID": PROJECT_ID, "CI_PROJECT_PATH": PROJECT_PATH,
        "CI_PROJECT_URL": f"{URL}/{PROJECT_PATH}", "CI_API_V4_URL": f"{URL}/api/v4", **credential,
    }
    for name in ("TOKEN", "READ_TOKEN", "PROJECT_TOKEN", "JOB_TOKEN", "GITHUB_ACTIONS"):
        environment.pop(name, None)
    program = pathlib.Path(MODULES, "semantic-release", "bin", "semantic-release.js")
    done = subprocess.run(
        [NODE, program, "--no-color"], cwd=repository.clone, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    return done.returncode, done.stdout


def published(outcome, tag):
    """Fails the step unless semantic-release says that it published the tag."""
    code, text = outcome
    if code or f"Published GitLab release: {tag}" not in text:
        errors = [line for line in text.splitlines() if "error" in line.lower()]
        raise AssertionError(f"exit code {code}: {' / '.join(errors[:5])}")


def main():
    token = {"GL_TOKEN": os.environ["TOKEN"]}
    with tempfile.TemporaryDirectory() as folder:
        repository = git.Repository(folder, "hello", {"hello.txt": "hello\n"})
        repository.clone.joinpath("node_modules").symlink_to(MODULES)
        repository.git("config", "core.excludesFile", "/dev/null")
        pathlib.Path(repository.clone, ".git", "info", "exclude").write_text("node_modules\n")
        repository.commit("feat: publish", configuration(repository, successCommentCondition=False))
        repository.git("push", "--quiet")
        with step("publish"):
            published(publish(repository, **token), "v1.0.0")
        with step("publish-again"):
            repository.git("push", "--quiet", "--delete", "origin", "v1.0.0")
            repository.git("tag", "--delete", "v1.0.0")
            code, text = publish(repository, **token)
            same(("Release already exists" in text, code), (True, 1))
        # With comments it asks for the merge requests of each commit.
        with step("publish-with-comments"):
            repository.commit("feat: second", configuration(repository))
            repository.git("push", "--quiet")
            published(publish(repository, **token), "v1.1.0")
        with step("publish-with-job-token"):
            repository.commit("fix: third", configuration(repository, useJobToken=True))
            repository.git("push", "--quiet")
            published(publish(repository, CI_JOB_TOKEN=os.environ["JOB_TOKEN"]), "v1.1.1")


main()
