"""The real binary, and how the checks run programs and ask it."""

import json
import os
import pathlib
import re
import subprocess

from programs import run

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = pathlib.Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
BINARY = TARGET / "debug" / "release-links"
HOST = "links.example.com"
TOKEN = "glpat-root-of-the-deployment-tests"
PATIENCE = 30
READY = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")


class Server:
    """The real binary, on a free port unless told which."""

    def __init__(self, folder, *before, port=0, environment=()):
        given = environment
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RELEASE_LINKS_")}
        environment.update(
            RELEASE_LINKS_ROOT_TOKEN=TOKEN, RELEASE_LINKS_LISTEN=f"127.0.0.1:{port}",
            RELEASE_LINKS_DATABASE=f"sqlite:{folder}/release-links.db", RELEASE_LINKS_EXTERNAL_URL=f"https://{HOST}",
        )
        environment.update(given)
        self.log = folder / "server.log"
        self.process = subprocess.Popen(
            [*map(str, before), str(BINARY), "serve"], env=environment, cwd=folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log.open("w"),
        )
        # Its end closes the stream, so that this ends in any case.
        ready = next((match for line in self.process.stdout if (match := READY.search(line))), None)
        assert ready, self.log.read_text()
        self.port = ready.group(1)

    def get(self, target, *arguments):
        return curl(f"http://127.0.0.1:{self.port}{target}", *arguments)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def curl(url, *arguments):
    """Asks with curl, which sends the path as it is; returns the status, the headers that matter, and the body."""
    written = "\n%{http_code}\n%{redirect_url}"
    code, said = run("curl", "-sS", "--path-as-is", "-H", f"Authorization: Bearer {TOKEN}", "-w", written, *arguments, url)
    assert code == 0, said
    body, status, location = said.rsplit("\n", 2)
    return int(status), location, body


def provision(server):
    """A project in a group, a release whose tag has a slash, and a link with a path."""
    api = "/api/v4"
    group = json.loads(server.get(f"{api}/groups", "-d", "name=acme&path=acme")[2])["id"]
    body = f"name=hello&namespace_id={group}&visibility=private"
    assert server.get(f"{api}/projects", "-d", body)[0] == 201
    assert server.get(f"{api}/projects/acme%2Fhello/releases", "-d", "tag_name=line/v1")[0] == 201
    link = "name=hello&url=https://files.example.com/hello&direct_asset_path=/bin/hello"
    assert server.get(f"{api}/projects/acme%2Fhello/releases/line%2Fv1/assets/links", "-d", link)[0] == 201
