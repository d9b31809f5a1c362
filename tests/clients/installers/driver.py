"""Runs the page's examples, each of which must fetch the file and leave the token here; then what the page warns of."""

import base64
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse
import zipfile

import client
from api import Api
from script import same, step
from server import Target

TOKEN, URL = os.environ["READ_TOKEN"], os.environ["URL"]
RELEASES = f"/projects/{os.environ['PROJECT_ID']}/releases"
EXAMPLE_HOST = re.compile(r"https://([^/@\s]*@)?links\.example\.com")
DOWNLOADS = f"{URL}/acme/hello/-/releases/v1.0.0/downloads"
LINK = f"{DOWNLOADS}/bin/hello"
PAYLOAD = b"payload of /hello"
WHEEL = "hello-1.0.0-py3-none-any.whl"
# The token as clients show it: bare, and as the password of HTTP Basic for the user name of the examples.
SECRETS = (TOKEN, base64.b64encode(f"ci:{TOKEN}".encode()).decode())
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
    "wget-user": ("sh", 'wget -q --auth-no-challenge --user=ci --password="$TOKEN" -O hello "$LINK"'),
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
    "get_url-basic": (
        "yaml",
        "[{hosts: localhost, gather_facts: false, tasks: [{ansible.builtin.get_url: {\n"
        "  url: \"{{ lookup('env', 'LINK') }}\", dest: \"{{ playbook_dir }}/hello\", force_basic_auth: true,\n"
        "  url_username: ci, url_password: \"{{ lookup('env', 'TOKEN') }}\"}}]}]",
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
    wheel = a_wheel()
    index = f'<!DOCTYPE html><html><body><a href="{DOWNLOADS}/{WHEEL}">{WHEEL}</a></body></html>'.encode()
    target = Target({"/simple/hello": ("text/html", index), f"/{WHEEL}": ("application/zip", wheel)})
    root = Api(URL, os.environ["ADMINISTRATOR_TOKEN"])
    # Another host than the server's, and not only another port.
    host = target.url.replace("127.0.0.1", "localhost")
    links = [{"name": "hello", "url": f"{host}/hello", "direct_asset_path": "/bin/hello"}]
    links += [{"name": path, "url": host + path, "direct_asset_path": path} for path in ("/simple/hello", f"/{WHEEL}")]
    root.create(RELEASES, tag_name="v1.0.0", assets={"links": links})
    for name, language, text in client.examples():
        with step(name):
            here = urllib.parse.urlsplit(URL)
            text = EXAMPLE_HOST.sub(rf"{here.scheme}://\g<1>{here.netloc}", text)
            requests = fetch(target, language, text.replace("links.example.com", here.hostname), wheel)
            same([line for line in requests.splitlines() if is_secret(line)], [])
    for name in client.PASSED_ON:
        with step(f"passed-on-{name}"):
            same(is_secret(urllib.parse.unquote(fetch(target, *PASSED_ON[name], wheel))), True)
    root.call("DELETE", f"{RELEASES}/v1.0.0")
    target.stop()


def is_secret(text):
    return any(secret in text for secret in SECRETS)


def a_wheel():
    """The smallest package that pip accepts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        about = "hello-1.0.0.dist-info"
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: hello\nVersion: 1.0.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return written.getvalue()


def fetch(target, language, text, wheel):
    """Runs an example in a folder of its own, which must fetch the file or the package; returns what the target was asked."""
    target.requests.clear()
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "example")
        file.write_text(text)
        done = subprocess.run(
            [*PROGRAMS[language], file], cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
        )
        same((done.returncode, done.stdout if done.returncode else ""), (0, ""))
        (fetched,) = pathlib.Path(folder).glob("hello*")
        same(fetched.read_bytes(), wheel if fetched.name == WHEEL else PAYLOAD)
    same(len(target.requests) > 0, True)
    return "\n".join(target.requests)


main()
