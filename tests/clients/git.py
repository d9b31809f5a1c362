"""Temporary repositories for the clients that publish from one."""

import os
import pathlib
import subprocess

IDENTITY = {
    "GIT_AUTHOR_NAME": "Robin", "GIT_AUTHOR_EMAIL": "robin@example.com",
    "GIT_COMMITTER_NAME": "Robin", "GIT_COMMITTER_EMAIL": "robin@example.com",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
}


class Repository:
    """A clone on `main` with one commit, and the bare repository that it pushes to."""

    def __init__(self, folder, remote_path, files):
        self.remote = pathlib.Path(folder, "remote", f"{remote_path}.git")
        self.clone = pathlib.Path(folder, "clone")
        self.environment = {**os.environ, **IDENTITY}
        self.remote.mkdir(parents=True)
        self.clone.mkdir()
        self._git("init", "--quiet", "--bare", "--initial-branch=main", cwd=self.remote)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("remote", "add", "origin", self.url)
        self.commit("feat: first", files)
        self.git("push", "--quiet", "--set-upstream", "origin", "main")

    @property
    def url(self):
        """The address of the bare repository."""
        return f"file://{self.remote}"

    def commit(self, message, files):
        """Writes the files, commits everything; returns the commit's id."""
        for name, text in files.items():
            self.clone.joinpath(name).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.head()

    def head(self):
        """The id of the newest commit."""
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments):
        """Runs git in the clone; returns what it prints."""
        return self._git(*arguments, cwd=self.clone)

    def _git(self, *arguments, cwd):
        done = subprocess.run(
            ["git", *arguments], cwd=cwd, env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr}")
        return done.stdout
