"""Which system calls a unit of docs/deploy allows."""

import pathlib
import re
import subprocess

DEPLOY = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "deploy"


def allowed_calls(unit):
    """The names that the unit's filter leaves, its groups taken apart by systemd."""
    # systemd allows these whatever the filter says.
    always = expand(["@default"])
    allowed = set()
    for rule in re.findall(r"^SystemCallFilter=(.*)$", (DEPLOY / unit).read_text(), re.MULTILINE):
        names = expand(rule.lstrip("~").split())
        allowed = allowed - names if rule.startswith("~") else allowed | names
    return allowed | always


def expand(words):
    names = set()
    for word in words:
        if not word.startswith("@"):
            names.add(word)
            continue
        command = ["systemd-analyze", "syscall-filter", "--no-pager", word]
        said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
        names |= expand([line.strip() for line in said.splitlines()[1:] if line.strip() and "#" not in line])
    return names
