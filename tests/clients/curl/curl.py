"""One curl call, and what came back."""

import collections
import json
import os
import subprocess
import tempfile

URL = os.environ["URL"]

Answer = collections.namedtuple("Answer", "status headers text")


def curl(address, *options):
    """Calls an address below the server's; the headers are those of the last answer, names in small letters."""
    with tempfile.NamedTemporaryFile() as headers:
        command = [
            "curl", "--silent", "--show-error", "--globoff", "--max-time", "30", "--noproxy", "*",
            "--dump-header", headers.name, *options, f"{URL}{address}",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        blocks = headers.read().decode().replace("\r", "").strip().split("\n\n")
    lines = blocks[-1].split("\n")
    fields = dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in lines[1:])
    return Answer(int(lines[0].split()[1]), {name.lower(): value for name, value in fields.items()}, done.stdout)


def decoded(answer):
    """The answer's JSON."""
    return json.loads(answer.text)


def header(token, name="PRIVATE-TOKEN"):
    """The options for a credential in a header."""
    return ("--header", f"{name}: {token}")
