"""Runs the page's examples, each of which must fetch the file and leave the token here; then what the page warns of."""

import os

import client
import wheel
from downloads import TOKEN, URL, Project, download, run_example
from script import same
from target import Target

DOWNLOADS = f"{URL}/acme/hello/-/releases/v1.0.0/downloads"
LINK = f"{DOWNLOADS}/bin/hello"
ENVIRONMENT = {"LINK": LINK, "TOKEN": TOKEN}
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
    index = f'<!DOCTYPE html><html><body><a href="{DOWNLOADS}/{wheel.name()}">{wheel.name()}</a></body></html>'.encode()
    target = Target({"/simple/hello": ("text/html", index), f"/{wheel.name()}": ("application/zip", wheel.content())})
    project = Project(target, os.environ["PROJECT_ID"], os.environ["PROJECT_PATH"])
    project.release("v1.0.0", "/bin/hello", "/simple/hello", f"/{wheel.name()}")
    for name, language, text in client.EXAMPLES:
        with download(name, target) as folder:
            fetch(folder, language, text)
    for name in client.PASSED_ON:
        with download(f"passed-on-{name}", target, passed_on=True) as folder:
            fetch(folder, *PASSED_ON[name])
    project.delete("v1.0.0")
    target.stop()


def fetch(folder, language, text):
    """Runs an example, which must fetch the file or the package."""
    run_example(folder, language, text, ENVIRONMENT)
    (fetched,) = folder.glob("hello*")
    same(fetched.read_bytes(), wheel.content() if fetched.name == wheel.name() else b"payload of /bin/hello")


main()
