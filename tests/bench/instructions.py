#!/usr/bin/env python3
"""Counts the instructions that the server executes for one request of each kind, by callgrind.

Usage: instructions.py BINARY...

The same binary and input give the same count to within a few percent, whatever else the machine does, so a change that costs 10 % is seen: the count
of the first binary must be within that much of the known one. The count of a request is the difference between a run with many of them
and a run with few, divided by their number, so that the start does not count. Valgrind has no SHA instructions, so hashing appears dearer
than it is. Copying SQLite's log into the database does not count: how often it happens depends on how fast the machine commits. Further
binaries are printed beside the first.
"""

import http.client
import json
import pathlib
import re
import shutil
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))
import server  # noqa: E402

LINKS = 20
FEW, MANY = 100, 500
RUNS = 2
# The counts of the release build when they last changed.
KNOWN = {"get one link, token": 55_200, "list of 20, token": 238_300, "redirect, anonymous": 46_900, "create, token": 592_000}
MORE = 1.1
# What the metrics may add to a request.
MEASURED, MORE_MEASURED = "get one link, token", 1.02
METRICS = ("--metrics-listen", "127.0.0.1:0")
# The count pauses from the call of this function until it returns. The option that begins with a count must come after the other.
LEFT_OUT = ("--toggle-collect=sqlite3Checkpoint", "--collect-atstart=yes")
CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *LEFT_OUT)


class Connection:
    """A server on a database, perhaps below callgrind, and one connection to it."""

    def __init__(self, binary, database, below=(), options=()):
        folder, options = database.parent, ("--drain", "0", *options)
        self.server = server.Server(binary, folder, f"sqlite:{database}", *options, below=below)
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.server.url).netloc, timeout=60)

    def send(self, method, path, body=None, token=None):
        headers = {"PRIVATE-TOKEN": token} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201, 302):
            sys.exit(f"{method} {path}: {answer.status} {text.decode()}")
        return text

    def close(self):
        """Stops the server; returns what it has printed."""
        self.connection.close()
        self.server.stop()
        return self.server.output()


def prepare(binary, database):
    """Fills a database with one public project and a release with links; returns the kinds of requests."""
    filled = Connection(binary, database)
    token = filled.server.root_token
    project = json.loads(filled.send("POST", "/api/v4/projects", {"name": "p", "visibility": "public"}, token))["id"]
    links = [
        {"name": f"n{n}", "url": f"https://files.example.com/app/{n}", "direct_asset_path": f"/bin/app{n}"} for n in range(LINKS)
    ]
    draft = {"tag_name": "v1", "assets": {"links": links}}
    release = filled.send("POST", f"/api/v4/projects/{project}/releases", draft, token)
    link = json.loads(release)["assets"]["links"][0]["id"]
    filled.close()
    path = f"/api/v4/projects/{project}/releases/v1/assets/links"
    return {
        "get one link, token": lambda counted, _: counted.send("GET", f"{path}/{link}", token=token),
        "list of 20, token": lambda counted, _: counted.send("GET", path, token=token),
        "redirect, anonymous": lambda counted, _: counted.send("GET", "/root/p/-/releases/v1/downloads/bin/app3"),
        "create, token": lambda counted, n: counted.send("POST", path, {"name": f"w{n}", "url": f"http://w/{n}"}, token),
    }


def instructions(binary, prepared, request, options=()):
    """The instructions of one request to a server with these options."""

    def collected(count):
        database = prepared.with_name("counted.db")
        shutil.copy(prepared, database)
        counted = Connection(binary, database, CALLGRIND, options)
        for number in range(count):
            request(counted, number)
        total = int(re.search(r"Collected : (\d+)", counted.close())[1])
        database.unlink()
        return total

    # What the server does by the clock, beside the requests, only ever adds to a count.
    few, many = (min(collected(count) for _ in range(RUNS)) for count in (FEW, MANY))
    return (many - few) / (MANY - FEW)


def main(binaries):
    if not binaries:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as name:
        prepared = pathlib.Path(name) / "prepared.db"
        requests = prepare(binaries[0], prepared)
        passed = 0
        print(f"{'':20} {'known':>9}", *(f"{number:>9}" for number, _ in enumerate(binaries, 1)))
        for kind, request in requests.items():
            counts = [instructions(binary, prepared, request) for binary in binaries]
            print(f"{kind:20} {KNOWN[kind]:9}", *(f"{count:9.0f}" for count in counts), flush=True)
            passed += KNOWN[kind] / MORE <= counts[0] <= KNOWN[kind] * MORE
            if kind == MEASURED:
                without = counts[0]
        count = instructions(binaries[0], prepared, requests[MEASURED], METRICS)
        print(f"{'the same, with metrics':20} {without:9.0f} {count:9.0f}: {count / without:.3f}")
        passed += count <= without * MORE_MEASURED
        print(f"{passed} passed, {len(requests) + 1 - passed} failed")


if __name__ == "__main__":
    main([str(pathlib.Path(binary).resolve()) for binary in sys.argv[1:]])
