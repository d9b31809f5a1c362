"""The examples of docs/installers.md, and the tools of which it says that they pass a token on."""

import pathlib
import re

PROJECT = "acme/hello"
PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "installers.md"
FENCE = re.compile(r"^### ([^\n]+)$|^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What the page says reaches the other host, as far as these tools show it.
PASSED_ON = ("wget", "wget-user", "aria2", "urllib", "get_url", "get_url-basic", "lwp", "private-token", "referer")
PYTHON = ("ansible-core==2.19.14", "requests==2.34.2")


def examples():
    """The page's examples: a step's name, the language, the text."""
    found, heading = [], ""
    for title, language, text in FENCE.findall(PAGE.read_text()):
        if title:
            heading, number = re.sub(r"\W+.*", "", title).lower(), 0
        else:
            number += 1
            found.append((f"example-{heading}-{number}", language, text))
    return found


STEPS = (*(name for name, _, _ in examples()), *(f"passed-on-{name}" for name in PASSED_ON))


def install(packages):
    debian = packages.apt("curl", "wget", "aria2", "perl", "libwww-perl")
    packages.pip("installers", *PYTHON)
    return f"{debian}, {', '.join(PYTHON)}"


def command(packages):
    return [packages.pip("installers", *PYTHON), "driver.py"]
