#!/usr/bin/env python3
"""Has others judge docs/openapi.json: two linters read it, and schemathesis holds the real binary to it, as callers of each kind.

Usage: run.py [--examples N] [--seed N]    how many requests to make up for each operation and caller, beside those that try
                                           the limits of each value; what they are made from
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "clients"))

import packages  # noqa: E402
import server  # noqa: E402
import world  # noqa: E402

TARGET = pathlib.Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
DOCUMENT = ROOT / "docs" / "openapi.json"
CONFIGURATION = HERE / "schemathesis.toml"
PYTHON = ("openapi-spec-validator==0.9.0", "schemathesis==4.32.5")
NODE = ("@redocly/cli@2.77.0",)
# What a whole run must ask at least.
REQUESTS = 20_000
# Requests made up for each operation and caller in the suite's short form.
EXAMPLES = 15
# Two at a time, since the machines that this runs on have two cores.
AT_ONCE = 2
CHECKED = re.compile(r"(\d+) generated")


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--examples", type=int, default=EXAMPLES)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    installer = packages.Packages(TARGET / "openapi")
    python = pathlib.Path(installer.pip("python", *PYTHON)).parent
    redocly = installer.npm("node", *NODE) / "node_modules" / ".bin" / "redocly"
    installer.node()
    print("building release-links", flush=True)
    build = ["cargo", "build", "--quiet", "--package", "release-links-app", "--bin", "release-links"]
    subprocess.run(build, cwd=ROOT, check=True)
    outcomes = [
        linted("openapi-spec-validator", [python / "openapi-spec-validator", DOCUMENT]),
        linted("redocly", [redocly, "lint", "--config", HERE / "redocly.yaml", DOCUMENT]),
    ]
    requests, started = 0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome, answers in pool.map(lambda caller: fuzzed(caller, python, options), world.CALLERS):
            outcomes.append(outcome)
            requests += answers
    print(f"{requests} requests in {time.monotonic() - started:.0f} s; there must be at least {REQUESTS}")
    outcomes.append(requests >= REQUESTS)
    failed = outcomes.count(False)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


def linted(name, command):
    """Whether a linter finds no error; what it says is shown."""
    print(f"== {name}", flush=True)
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL).returncode == 0


def fuzzed(caller, python, options):
    """Whether the server keeps to the document for one kind of caller, and how many requests it was sent."""
    with tempfile.TemporaryDirectory(prefix=f"release-links-{caller}-") as folder:
        running = server.Server(str(TARGET / "debug" / "release-links"), folder, server.Files().new(caller, folder))
        try:
            things, headers, spare = world.make(running.url, running.root_token, caller)
            provisioned = answered(running)
            configuration = pathlib.Path(folder, "schemathesis.toml")
            configuration.write_text(CONFIGURATION.read_text() + sent(headers))
            command = [
                python / "schemathesis", "--config-file", configuration, "run", DOCUMENT, "--url", running.url,
                "--max-examples", options.examples, "--seed", options.seed, "--no-color",
            ]
            done = subprocess.run(
                [str(part) for part in command], cwd=folder, env=environment(things, spare),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )
            requests = answered(running) - provisioned
        finally:
            running.stop()
    cases = CHECKED.search(done.stdout)
    print(f"== schemathesis as {caller}: {requests} requests, {cases.group(1) if cases else 'no'} cases", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0, requests


def sent(headers):
    """The headers of every request, as a part of the configuration: those of the command line could not differ by operation."""
    return "\n[headers]\n" + "".join(f'{name} = "{value}"\n' for name, value in headers.items())


def environment(things, spare):
    """What hooks.py and the configuration ask of the environment."""
    return {**os.environ, "PYTHONPATH": str(HERE), "WORLD": json.dumps(things), "SPARE_TOKEN": spare}


def answered(running):
    """How many requests the server has logged."""
    return running.output().count(" INFO request ")


if __name__ == "__main__":
    sys.exit(main())
