"""The examples of docs/installers.md, and the tools of which it says that they pass a token on."""

import examples

PROJECT = "acme/hello"
EXAMPLES = examples.of("installers.md")
# What the page says reaches the other host, as far as these tools show it.
PASSED_ON = ("wget", "wget-user", "aria2", "urllib", "get_url", "get_url-basic", "lwp", "private-token", "referer")
PYTHON = ("ansible-core==2.19.14", "requests==2.34.2")

STEPS = (*(name for name, _, _ in EXAMPLES), *(f"passed-on-{name}" for name in PASSED_ON))


def install(packages):
    debian = packages.apt("curl", "wget", "aria2", "perl", "libwww-perl")
    packages.pip("installers", *PYTHON)
    return f"{debian}, {', '.join(PYTHON)}"


def command(packages):
    return [packages.pip("installers", *PYTHON), "driver.py"]
