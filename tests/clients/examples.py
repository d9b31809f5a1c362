"""The examples of a page of the documentation, each of which is a step of the client that runs them."""

import pathlib
import re

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
FENCE = re.compile(r"^(###?) ([^\n]+)$|^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def of(page, only=None, without=()):
    """The page's examples: a step's name, the language, the text; those of one section, or of all without some."""
    found, section, heading = [], "", ""
    for level, title, language, text in FENCE.findall((DOCS / page).read_text()):
        if level == "##":
            section = title
        elif title:
            heading, number = re.sub(r"\W+.*", "", title).lower(), 0
        elif section == only or (only is None and section not in without):
            number += 1
            found.append((f"example-{heading}-{number}", language, text))
    return found
