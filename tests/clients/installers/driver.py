"""Runs the page's examples, each of which must fetch the file and leave the token here; then what the page warns of."""

import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

import client
from api import Api
from script import same, step
from server import Target

TOKEN, URL = os.environ["READ_TOKEN"], os.environ["URL"]
RELEASES = f"/projects/{os.environ['PROJECT_ID']}/releases"
EXAMPLE_HOST = "https://links.example.com"
LINK = f"{URL}/acme/hello/-/releases/v1.0.0/downloads/bin/hello"
PAYLOAD = "payload of /hello"
# The programs of the virtual environment come first.
ENVIRONMENT = dict(
    os.environ, TOKEN=TOKEN, LINK=LINK, LC_ALL="C.UTF-8", PATH=f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
)
PROGRAMS = {
    "sh": ("bash", "-euo", "pipefail"), "python": (sys.executable,), "perl": ("perl",), "yaml": ("ansible-playbook",),
}
BEARER = "Authorization: Bearer $TOKEN"
# How each hands the token on: the language and the text.
PASSED_ON = {
    "wget": ("sh", f'wget -q --header="{BEARER}" -O hello "$LINK"'),
    "aria2": ("sh", f'aria2c -q --header="{BEARER}" -o hello "$LINK"'),
    "urllib": (
        "python",
        "import os, urllib.request\n"
        "headers = {'Authorization': 'Bearer ' + os.environ['TOKEN']}\n"
        "answer = urllib.request.urlopen(urllib.request.Request(os.environ['LINK'], headers=headers))\n"
        "open('hello', 'wb').write(answer.read())",
    ),
    "get_url": (
        "yaml",
        "[{hosts: localhost, gather_facts: false, tasks: [{ansible.builtin.get_url: {\n"
        "  url: \"{{ lookup('env', 'LINK') }}\", dest: \"{{ playbook_dir }}/hello\",\n"
        "  headers: {Authorization: \"Bearer {{ lookup('env', 'TOKEN') }}\"}}}]}]",
    ),
    "lwp": (
        "perl",
        "use LWP::UserAgent;\n"
        'LWP::UserAgent->new->get($ENV{LINK}, Authorization => "Bearer $ENV{TOKEN}", ":content_file" => "hello");',
    ),
    "private-token": ("sh", 'curl -fsSL --header "PRIVATE-TOKEN: $TOKEN" -o hello "$LINK"'),
    "referer": ("sh", "curl -fsSL -e ';auto' -o hello \"$LINK?private_token=$TOKEN\""),
}


def main():
    target = Target()
    root = Api(URL, os.environ["ADMINISTRATOR_TOKEN"])
    # Another host than the server's, and not only another port.
    url = target.url.replace("127.0.0.1", "localhost") + "/hello"
    links = [{"name": "hello", "url": url, "direct_asset_path": "/bin/hello"}]
    root.create(RELEASES, tag_name="v1.0.0", assets={"links": links})
    for name, language, text in client.examples():
        with step(name):
            requests = fetch(target, language, text.replace(EXAMPLE_HOST, URL))
            same([line for line in requests.splitlines() if TOKEN in line], [])
    for name in client.PASSED_ON:
        with step(f"passed-on-{name}"):
            same(TOKEN in urllib.parse.unquote(fetch(target, *PASSED_ON[name])), True)
    root.call("DELETE", f"{RELEASES}/v1.0.0")
    target.stop()


def fetch(target, language, text):
    """Runs an example in a folder of its own; returns what the target was asked."""
    target.requests.clear()
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "example")
        file.write_text(text)
        done = subprocess.run(
            [*PROGRAMS[language], file], cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
        )
        same((done.returncode, done.stdout if done.returncode else ""), (0, ""))
        same(pathlib.Path(folder, "hello").read_text(), PAYLOAD)
    same(len(target.requests) > 0, True)
    return "\n".join(target.requests)


main()
