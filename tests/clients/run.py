#!/usr/bin/env python3
"""Runs the real clients of the ecosystem, unmodified, against the real binary, and compares the server's final state.

Usage: run.py [CLIENT…]    all clients without arguments

The server keeps everything in a file and the files of its own in a folder, or in PostgreSQL where RELEASE_LINKS_TEST_DATABASE=postgres
is set, and in a bucket where RELEASE_LINKS_TEST_FILES=s3 is, which needs `tests/files/beside_s3.py` around it.
"""

import importlib.util
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import traceback
import urllib.parse

import api
import packages
import server
from target import Target

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = pathlib.Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
DEFAULT_PROJECT = "acme/tools/hello.world"
DRIVER_SECONDS = 600
CHECKS = ("final-state", "no-token-in-the-log")
NOT_REACHED = "not reached"
STEP = re.compile(r"step (\S+) (ok|FAILED: .*)")
SECRET_NAMES = ("TOKEN", "READ_TOKEN", "PROJECT_TOKEN", "JOB_TOKEN")


def main(wanted):
    known = sorted(path.parent.name for path in HERE.glob("*/client.py"))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"unknown client: {' '.join(unknown)}; known are: {' '.join(known)}", file=sys.stderr)
        return 2
    installer = packages.Packages(TARGET / "clients")
    binary = build("app", "release-links")
    databases, stores = server.Files(), server.Folders()
    match os.environ.get("RELEASE_LINKS_TEST_DATABASE", ""):
        case "":
            pass
        case "postgres":
            databases = server.Cluster(build("cluster", "release-links-cluster"))
        case other:
            print(f"RELEASE_LINKS_TEST_DATABASE knows no {other}", file=sys.stderr)
            return 2
    match os.environ.get("RELEASE_LINKS_TEST_FILES", ""):
        case "":
            pass
        case "s3":
            stores = server.Buckets()
        case other:
            print(f"RELEASE_LINKS_TEST_FILES knows no {other}", file=sys.stderr)
            return 2
    try:
        results = {name: run_client(name, binary, installer, databases, stores) for name in wanted or known}
    finally:
        databases.stop()
    report(results)
    outcomes = [why for steps in results.values() for why in steps.values()]
    failed = sum(why is not None for why in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed or not outcomes else 0


def build(crate, name):
    """Builds a program once and returns its binary."""
    print(f"building {name}", flush=True)
    command = ["cargo", "build", "--quiet", "--package", f"release-links-{crate}", "--bin", name]
    subprocess.run(command, cwd=ROOT, check=True)
    return TARGET / "debug" / name


def run_client(name, binary, installer, databases, stores):
    """Runs one client; returns its steps, each with None or why it failed."""
    print(f"== {name}", flush=True)
    client = load(name)
    results = {}
    try:
        print(f"using {client.install(installer)}", flush=True)
        results["install"] = None
        with tempfile.TemporaryDirectory(prefix=f"release-links-{name}-") as folder:
            drive(name, client, binary, installer, databases, stores, folder, results)
    except Exception as error:  # one client's trouble must not keep the others from running
        traceback.print_exc()
        results["run" if "install" in results else "install"] = " ".join(str(error).split())
    for step in (*client.STEPS, *CHECKS):
        results.setdefault(step, NOT_REACHED)
    return results


def load(name):
    """The client's description, `client.py` in its folder."""
    spec = importlib.util.spec_from_file_location(f"client_{name.replace('-', '_')}", HERE / name / "client.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drive(name, client, binary, installer, databases, stores, folder, results):
    """Starts the servers, provisions, runs the driver, and looks at what it left behind."""
    home = pathlib.Path(folder, "home")
    home.mkdir()
    options = (*stores.options(name), *getattr(client, "SERVER_OPTIONS", ()))
    running = server.Server(str(binary), folder, databases.new(name, folder), *options)
    target = Target()
    try:
        root = api.Api(running.url, running.root_token)
        facts = api.provision(root, getattr(client, "PROJECT", DEFAULT_PROJECT))
        facts.update(ADMINISTRATOR_TOKEN=running.root_token, URL=running.url, TARGET_URL=target.url, HOME=str(home))
        run_driver(client.command(installer), HERE / name, facts, results)
        secrets = [facts[key] for key in SECRET_NAMES if facts[key]] + [running.root_token]
        expected = client.releases(facts) if hasattr(client, "releases") else {}
        results["final-state"] = differences(expected, root.releases(facts["PROJECT_ID"]), facts)
        results["no-token-in-the-log"] = leak(secrets, running.output())
        if target.requests:
            results["no-token-at-the-target"] = leak(secrets, "\n".join(target.requests))
    finally:
        target.stop()
        running.stop()


def run_driver(command, folder, facts, results):
    """Runs the driver and takes down the steps that it prints; anything else that it prints is shown."""
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    environment.update(facts, PYTHONPATH=str(HERE), PYTHONDONTWRITEBYTECODE="1")
    process = subprocess.Popen(
        [str(part) for part in command], cwd=folder, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    try:
        output, _ = process.communicate(timeout=DRIVER_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        results["driver"] = f"did not end within {DRIVER_SECONDS} seconds"
    for line in output.splitlines():
        print(f"   {line}", flush=True)
        if match := STEP.fullmatch(line):
            step, outcome = match.groups()
            results[step] = None if outcome == "ok" else outcome.removeprefix("FAILED: ")
    if process.returncode > 1 or process.returncode < 0:
        results.setdefault("driver", f"exit code {process.returncode}")


def differences(expected, found, facts):
    """Why the server's releases are not the expected ones, or None."""
    reasons = [f"release {tag!r} should not be there" for tag in found if tag not in expected]
    for tag, release in expected.items():
        if tag not in found:
            reasons.append(f"release {tag!r} is missing")
            continue
        for key in ("name", "description"):
            if key in release and found[tag][key] != release[key]:
                reasons.append(f"{key} of {tag!r}: expected {release[key]!r}, found {found[tag][key]!r}")
        links = [seen(link, tag, facts) for link in found[tag]["links"]]
        if links != release["links"]:
            missing = [link for link in release["links"] if link not in links]
            unexpected = [link for link in links if link not in release["links"]]
            reasons.append(f"links of {tag!r}: missing {missing}, unexpected {unexpected}, or another order")
        if found[tag]["assets"]["links"] != found[tag]["links"]:
            reasons.append(f"the release {tag!r} shows other links than its list of links")
    return "; ".join(reasons) or None


def seen(link, tag, facts):
    """A link as `script.link` writes it down: the path is what the direct address has after the release's downloads."""
    shown = {key: link[key] for key in ("name", "url", "link_type")}
    direct = link["direct_asset_url"]
    if direct == link["url"]:
        return {**shown, "path": None}
    prefix = f"{facts['URL']}/{facts['PROJECT_PATH']}/-/releases/"
    segment, _, path = direct.removeprefix(prefix).partition("/downloads/")
    if not direct.startswith(prefix) or " " in direct or "/" in segment or urllib.parse.unquote(segment) != tag:
        return {**shown, "path": f"unexpected {direct}"}
    return {**shown, "path": f"/{path}"}


def leak(secrets, text):
    """Why the text is not free of the secrets, or None."""
    lines = [line for line in text.splitlines() if any(secret in line for secret in secrets)]
    if not lines:
        return None
    line = lines[0]
    for secret in secrets:
        line = line.replace(secret, "<token>")
    return f"{len(lines)} lines hold a token, the first: {line}"


def report(results):
    """Prints the table, steps down and clients across, and after it each failure with its reason."""
    names = list(results)
    steps = list(dict.fromkeys(step for outcome in results.values() for step in outcome))
    width = max((len(step) for step in steps), default=0)
    print()
    for number, name in enumerate(names, 1):
        print(f"{number:3} {name}")
    print(" " * width + "".join(f"{number:5}" for number in range(1, len(names) + 1)))
    for step in steps:
        cells = (mark(results[name], step) for name in names)
        print((step.ljust(width) + "".join(f"{cell:>5}" for cell in cells)).rstrip())
    for name in names:
        lost = [step for step, why in results[name].items() if why == NOT_REACHED]
        for step, why in results[name].items():
            if why is not None and why != NOT_REACHED:
                print(f"FAILED {name} {step}: {why}")
        if lost:
            print(f"FAILED {name} {NOT_REACHED}: {', '.join(lost)}")


def mark(outcome, step):
    """A cell of the table: blank where the client has no such step."""
    if step not in outcome:
        return ""
    return "ok" if outcome[step] is None else "FAIL"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
