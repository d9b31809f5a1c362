"""Downloads through permanent links, and looks at the file that is there and at what the other host was asked."""

import os

from downloads import TOKEN, Project, download, netrc, run, with_password
from script import same
from target import Target

# More than one piece to aria2, which resumes and splits by pieces of 1 MiB.
LARGE = bytes(4 << 20)
PART = "printf payl >hello"
# Commands, and what one of the requests at the other host must say.
PUBLIC = {
    "wget-newer": ('wget -q -N "$LINK"; wget -q -N "$LINK"', "If-Modified-Since: "),
    "wget-continue": (f'{PART}; wget -q -c "$LINK"', "Range: bytes=4-"),
    "wget-spider": ('wget -q --spider "$LINK"; wget -q "$LATEST"', "HEAD /hello"),
    "aria2-newer": ('for _ in 1 2; do aria2c -q --conditional-get --allow-overwrite "$LINK"; done', "If-Modified-Since: "),
    "aria2-continue": ('head -c 2M /dev/zero >large; aria2c -q -c "$LARGE"; aria2c -q "$LATEST"', "Range: bytes=2097152-"),
    "aria2-split": ('aria2c -q -x 4 -s 4 -k 1M "$LARGE"; aria2c -q "$LATEST"', "Range: bytes=3145728-"),
    "curl-newer": ('for _ in 1 2; do curl -fsSLR -z hello -o hello "$LINK"; done', "If-Modified-Since: "),
    "curl-continue": (f'{PART}; curl -fsSL -C - -o hello "$LINK"', "Range: bytes=4-"),
    "curl-range": ('curl -fsSL -r 0-3 -o hello "$LINK"; curl -fsSL -r 4- "$LINK" >>hello', "Range: bytes=0-3"),
    "curl-head": ('curl -fsSIL "$LINK"; curl -fsSLO --compressed "$LATEST"', "HEAD /hello"),
}
# With a token: a resumed download of a private file, which must not pass it on.
PRIVATE = {
    "wget-netrc": f'{PART}; wget -q -c --auth-no-challenge "$LINK"',
    "wget-in-url": f'{PART}; wget -q -c --auth-no-challenge "$WITH_PASSWORD"',
    "aria2-netrc": f'{PART}; aria2c -q -c --netrc-path="$HOME/.netrc" "$LINK"',
    "aria2-in-url": f'{PART}; aria2c -q -c "$WITH_PASSWORD"',
    "curl-netrc": f'{PART}; curl -fsSL -C - --netrc -o hello "$LINK"',
    "curl-in-url": f'{PART}; curl -fsSL -C - -o hello "$WITH_PASSWORD"',
    "curl-bearer": f'{PART}; curl -fsSL -C - --oauth2-bearer "$TOKEN" -o hello "$LINK"',
}
# What passes it on all the same.
PASSED_ON = {
    "wget-header": f'{PART}; wget -q -c --header="Authorization: Bearer $TOKEN" "$LINK"',
    "aria2-header": f'{PART}; aria2c -q -c --header="Authorization: Bearer $TOKEN" "$LINK"',
    "aria2-user": f'{PART}; aria2c -q -c --http-user=ci --http-passwd="$TOKEN" "$LINK"',
    "curl-trusted": f'{PART}; curl -fsSL -C - --location-trusted --oauth2-bearer "$TOKEN" -o hello "$LINK"',
}


def main():
    target = Target({"/large": ("application/octet-stream", LARGE)})
    public, private = Project.new(target, "public"), Project.new(target, "private")
    for project in (public, private):
        project.release("v1.0.0", "/hello", "/large")
    for name, (commands, asked) in PUBLIC.items():
        with download(name, target) as folder:
            fetch(folder, public, commands)
            same(asked in "\n".join(target.requests), True)
            if (folder / "large").exists():
                same((folder / "large").read_bytes() == LARGE, True)
    for name, commands in PRIVATE.items():
        with download(name, target) as folder:
            netrc(folder)
            fetch(folder, private, commands)
    for name, commands in PASSED_ON.items():
        with download(name, target, passed_on=True) as folder:
            fetch(folder, private, commands)


def fetch(folder, project, commands):
    """Runs the commands, which must fetch the file."""
    link = f"{project.downloads('v1.0.0')}/hello"
    addresses = {
        "LINK": link, "LATEST": f"{project.latest}/hello", "LARGE": f"{project.downloads('v1.0.0')}/large",
        "WITH_PASSWORD": with_password(link), "TOKEN": TOKEN, "HOME": str(folder),
    }
    run("bash", "-euo", "pipefail", "-c", commands, cwd=folder, env={**os.environ, **addresses})
    same((folder / "hello").read_bytes(), b"payload of /hello")


main()
