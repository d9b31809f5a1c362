"""Drives release-it, whose interpreter and file are the arguments."""

import json
import os
import subprocess
import sys
import tempfile

import git
from script import step

URL, PROJECT_PATH = os.environ["URL"], os.environ["PROJECT_PATH"]


def settings(**gitlab):
    """The file that release-it reads."""
    return {
        ".release-it.json": json.dumps(
            {
                "npm": False,
                "git": {"commitMessage": "Release ${version}"},
                "gitlab": {"release": True, "origin": URL, **gitlab},
            }
        )
    }


def release(repository, increment, version, token):
    """Makes a release; fails the step unless release-it says that it is done and where it is to be seen."""
    repository.environment.update(CI="true", GITLAB_TOKEN=token)
    done = subprocess.run(
        [*sys.argv[1:], increment, "--ci"], cwd=repository.clone, env=repository.environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    wanted = f"{URL}/{PROJECT_PATH}/-/releases/{version}"
    if done.returncode or wanted not in done.stdout:
        raise AssertionError(f"exit code {done.returncode}, expected {wanted} in: {done.stdout[-1500:]}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        files = {"package.json": json.dumps({"name": "hello", "version": "0.9.0"}), **settings()}
        repository = git.Repository(folder, PROJECT_PATH, files)
        with step("release"):
            release(repository, "major", "1.0.0", os.environ["TOKEN"])
        with step("second-release"):
            repository.commit("Say hello", {"hello.txt": "hello\n"})
            release(repository, "minor", "1.1.0", os.environ["TOKEN"])
        with step("release-with-job-token"):
            repository.commit("Use the job's token", settings(tokenHeader="Job-Token"))
            release(repository, "patch", "1.1.1", os.environ["JOB_TOKEN"])


main()
