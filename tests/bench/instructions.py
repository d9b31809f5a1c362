#!/usr/bin/env python3
"""Counts the instructions that the server executes for one request of each kind, by callgrind.

Usage: instructions.py BINARY...

The same binary and input give the same count to within 1 %, whatever else the machine does, so a change that costs 10 % is seen: the count
of the first binary must be at most that much above the known one. The count of a request is the difference between a run with many of them
and a run with few, divided by their number, so that the start does not count. Valgrind has no SHA instructions, so hashing appears dearer
than it is. Further binaries are printed beside the first.
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

TOKEN = "glpat-instructions-instructions"
LINKS = 20
FEW, MANY = 100, 500
# The counts of the release build when they last changed.
KNOWN = {"get one link, token": 87_400, "list of 20, token": 296_500, "redirect, anonymous": 70_600, "create, token": 558_300}
MORE = 1.1


class Server:
    """A server on a database, perhaps below callgrind."""

    def __init__(self, binary, database, wrapper=()):
        self.log = database.with_suffix(".log")
        environment = os.environ | {"RELEASE_LINKS_ROOT_TOKEN": TOKEN, "RELEASE_LINKS_LOG": "info"}
        command = [*wrapper, binary, "serve", "--listen", "127.0.0.1:0", "--drain", "0", "--database", f"sqlite:{database}"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        for line in self.process.stdout:
            if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", line):
                self.connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
                return
        sys.exit(f"{binary} does not start: {self.log.read_text()}")

    def send(self, method, path, body=None, token=True):
        headers = {"PRIVATE-TOKEN": TOKEN} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201, 302):
            sys.exit(f"{method} {path}: {answer.status} {text.decode()}")
        return text

    def stop(self):
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        return self.log.read_text()


def prepare(binary, database):
    """Fills a database with one public project and a release with links; returns the kinds of requests."""
    server = Server(binary, database)
    project = json.loads(server.send("POST", "/api/v4/projects", {"name": "p", "visibility": "public"}))["id"]
    links = [
        {"name": f"n{n}", "url": f"https://files.example.com/app/{n}", "direct_asset_path": f"/bin/app{n}"} for n in range(LINKS)
    ]
    release = server.send("POST", f"/api/v4/projects/{project}/releases", {"tag_name": "v1", "assets": {"links": links}})
    link = json.loads(release)["assets"]["links"][0]["id"]
    server.stop()
    path = f"/api/v4/projects/{project}/releases/v1/assets/links"
    return {
        "get one link, token": lambda server, _: server.send("GET", f"{path}/{link}"),
        "list of 20, token": lambda server, _: server.send("GET", path),
        "redirect, anonymous": lambda server, _: server.send("GET", "/root/p/-/releases/v1/downloads/bin/app3", token=False),
        "create, token": lambda server, n: server.send("POST", path, {"name": f"w{n}", "url": f"http://w/{n}"}),
    }


def instructions(binary, prepared, folder, request, count):
    database = folder / "counted.db"
    shutil.copy(prepared, database)
    server = Server(binary, database, ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"])
    for number in range(count):
        request(server, number)
    collected = int(re.search(r"Collected : (\d+)", server.stop())[1])
    database.unlink()
    return collected


def main(binaries):
    if not binaries:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepared = folder / "prepared.db"
        requests = prepare(binaries[0], prepared)
        passed = 0
        print(f"{'':20} {'known':>9}", *(f"{pathlib.Path(binary).name[-9:]:>9}" for binary in binaries))
        for kind, request in requests.items():
            counts = [
                (instructions(binary, prepared, folder, request, MANY) - instructions(binary, prepared, folder, request, FEW))
                / (MANY - FEW)
                for binary in binaries
            ]
            print(f"{kind:20} {KNOWN[kind]:9}", *(f"{count:9.0f}" for count in counts), flush=True)
            passed += counts[0] <= KNOWN[kind] * MORE
        print(f"{passed} passed, {len(requests) - passed} failed")


if __name__ == "__main__":
    main(sys.argv[1:])
