"""The server that a client talks to: the real binary, and its databases."""

import os
import pathlib
import queue
import re
import secrets
import subprocess
import threading
import urllib.request

READY = re.compile(r"listening on (http://\S+)")


class Server:
    """The real binary on a free port with a database of its own, at that URL; perhaps below another program."""

    def __init__(self, binary, folder, database, *options, below=()):
        self.root_token = "root-" + secrets.token_hex(20)
        self.log = pathlib.Path(folder, "server.log")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RELEASE_LINKS_")}
        environment["RELEASE_LINKS_ROOT_TOKEN"] = self.root_token
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*below, binary, "serve", "--listen", "127.0.0.1:0", "--database", database, *options],
                stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL,
                env=environment, cwd=folder, text=True,
            )
        self._lines = queue.Queue()
        self._output = []
        threading.Thread(target=self._read, daemon=True).start()
        self.url = self._wait_until_ready()

    def _read(self):
        for line in self.process.stdout:
            self._output.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def _wait_until_ready(self):
        try:
            while (line := self._lines.get(timeout=30)) is not None:
                if match := READY.search(line):
                    return match.group(1)
        except queue.Empty:
            pass
        self.stop()
        raise RuntimeError(f"the server did not say that it listens: {self.output()[-2000:]}")

    def output(self):
        """Everything that the server has printed and logged."""
        return "".join(self._output) + self.log.read_text(errors="replace")

    def stop(self):
        """Ends the server, by force if it does not go by itself."""
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Files:
    """Databases in files."""

    def new(self, _, folder):
        """The URL of a new database."""
        return f"sqlite:{pathlib.Path(folder, 'release-links.db')}"

    def stop(self):
        """Nothing is left to end."""


class Cluster:
    """Databases on a throw-away PostgreSQL server, which ends with this process."""

    def __init__(self, binary):
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def new(self, name, _):
        """The URL of a new database of that name."""
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()
        if not (url := self.process.stdout.readline().strip()):
            raise RuntimeError("there is no PostgreSQL server")
        return url

    def stop(self):
        """Ends the server and clears up."""
        self.process.stdin.close()
        self.process.wait()


class Folders:
    """Where servers keep files by themselves: beside their databases."""

    def options(self, _):
        """Nothing has to be said."""
        return ()


class Buckets:
    """Files on the server of S3 that the variables `AWS_…` name."""

    def options(self, name):
        """The options for a new bucket of that name."""
        request = urllib.request.Request(f"{os.environ['AWS_ENDPOINT_URL']}/{name}", method="PUT")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30):
            return ("--files", f"s3://{name}/some/files")
