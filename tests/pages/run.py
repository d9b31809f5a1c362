#!/usr/bin/env python3
"""Looks at the pages of the real binary: in Chromium with axe-core, with the Nu HTML checker, and at its feeds with two readers."""

import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "clients"))

import packages  # noqa: E402
import server  # noqa: E402
import world  # noqa: E402
from outcomes import Outcomes  # noqa: E402

TARGET = pathlib.Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
SCREENSHOTS = TARGET / "suites" / "pages"
NODE = ("axe-core@4.14.1", "puppeteer-core@24.9.0", "rss-parser@3.13.0", "vnu-jar@26.9.27")
PYTHON = ("feedparser==6.0.14",)
CONTENT = b"the content of an asset\n"
HTML = "text/html,*/*;q=0.8"


def main():
    installer = packages.Packages(TARGET / "pages")
    python = installer.pip("python", *PYTHON)
    modules = installer.npm("node-modules", *NODE)
    node = installer.node()
    for command, package in (("chromium", "chromium"), ("java", "default-jre-headless"), ("curl", "curl")):
        installer.command(command, package)
    print("building release-links", flush=True)
    build = ["cargo", "build", "--quiet", "--package", "release-links-app", "--bin", "release-links"]
    subprocess.run(build, cwd=ROOT, check=True)
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    SCREENSHOTS.mkdir(parents=True)
    outcomes = Outcomes()
    files = another_host()
    with tempfile.TemporaryDirectory(prefix="release-links-pages-") as folder:
        running = server.Server(str(TARGET / "debug" / "release-links"), folder, server.Files().new("pages", folder))
        try:
            target = f"http://127.0.0.1:{files.server_port}"
            pages, feeds, badge = world.make(running.url, running.root_token, target, CONTENT)
            browse(outcomes, node, modules, pages)
            check(outcomes, modules, "stylesheet", (ROOT / "crates/http/templates/style.css").read_text(), "--css")
            for name, address in pages.items():
                text = fetch(address, 404 if name == "absent" else 200)
                check(outcomes, modules, name, text)
            for address in feeds:
                read_feed(outcomes, python, node, modules, address)
            look_at_badge(outcomes, fetch(badge))
            download_and_check(outcomes, folder, fetch(pages["release"]))
        finally:
            running.stop()
            files.shutdown()
    print(f"screenshots: {SCREENSHOTS}")
    return outcomes.end()


class OneFile(http.server.BaseHTTPRequestHandler):
    """Answers everything with one file."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_):
        """Says nothing."""


def another_host():
    """The host that links lead to."""
    host = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OneFile)
    threading.Thread(target=host.serve_forever, daemon=True).start()
    return host


def fetch(address, expected=200):
    """The text at an address, asked for as a browser does."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(address, headers={"Accept": HTML}), timeout=30) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        status, text = refusal.code, refusal.read().decode()
    if status != expected:
        raise RuntimeError(f"{address}: expected {expected}, got {status} {text}")
    return text


def run(command, text):
    """What a program prints that reads a text; None and its complaint if it fails."""
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True)
    return (done.stdout, []) if done.returncode == 0 else (None, [(done.stdout + done.stderr).strip()[-2000:]])


def browse(outcomes, node, modules, pages):
    """Looks at each page in Chromium."""
    command = [node, HERE / "browse.mjs", modules, shutil.which("chromium"), SCREENSHOTS]
    seen, faults = run(command, json.dumps(pages))
    outcomes.add("Chromium opens all pages", faults)
    for line in (seen or "").splitlines():
        look = json.loads(line)
        outcomes.add(look["name"], look["faults"])


def check(outcomes, modules, name, text, *options):
    """Has the Nu HTML checker read a page; its warnings count."""
    jar = modules / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    outcomes.add(f"Nu HTML checker: {name}", run(["java", "-jar", jar, "--Werror", *options, "-"], text)[1])


def read_feed(outcomes, python, node, modules, address):
    """Has two readers read a feed: both find the same, and nothing that is upcoming."""
    text = fetch(address)
    read = []
    for name, command in (("feedparser", [python, HERE / "feed.py"]), ("rss-parser", [node, HERE / "feed.cjs", modules])):
        found, faults = run(command, text)
        read.append(json.loads(found or "[]"))
        if any("v3.0.0" in link for _, link in read[-1]):
            faults.append("shows an upcoming release")
        outcomes.add(f"{name}: {address}", faults)
    expected = {"widget": 20, "ledger": 1}.get(address.split("/")[-3], 0)
    links = [[link for _, link in entries] for entries in read]
    same = links[0] == links[1] and len(links[0]) == expected
    outcomes.add(f"both find {expected} entries: {address}", [] if same else [links])


def look_at_badge(outcomes, text):
    """The badge is well-formed and as wide as it says."""
    widths = [int(width) for width in re.findall(r'<rect (?:x="\d+" )?width="(\d+)"', text)]
    total = int(re.search(r'<svg [^>]*width="(\d+)"', text).group(1))
    is_whole = total in widths and "v2.0.0" in text
    outcomes.add("badge", [] if is_whole else [text])


def download_and_check(outcomes, folder, page):
    """The first command that a page shows downloads a file and checks it."""
    shown = re.search(r"<pre><code>(curl .*?)</code></pre>", page).group(1)
    command = shown.replace("&#38;", "&").replace("&#39;", "'")
    place = pathlib.Path(folder, "download")
    place.mkdir()
    done = subprocess.run(["sh", "-c", command], cwd=place, capture_output=True, text=True)
    files = [file.read_bytes() for file in place.iterdir()]
    is_there = done.returncode == 0 and files == [CONTENT] and done.stdout.endswith(": OK\n")
    outcomes.add("the command of a page downloads and checks", [] if is_there else [command, done.stderr])
    broken = command.replace(hashlib.sha256(CONTENT).hexdigest(), "0" * 64)
    done = subprocess.run(["sh", "-c", broken], cwd=place, capture_output=True, text=True)
    outcomes.add("the command of a page refuses another file", [] if done.returncode else [broken])


if __name__ == "__main__":
    sys.exit(main())
