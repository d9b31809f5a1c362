"""Asks nvchecker and lastversion for the newest version of a project whose last release is of an older line."""

import json
import os
import pathlib
import sys
import tempfile

from downloads import TOKEN, URL, Project, run
from script import same, step
from target import Target
from tls import HOST, Proxy

PROGRAMS = pathlib.Path(sys.executable).parent


def main():
    target = Target()
    with tempfile.TemporaryDirectory() as folder:
        proxy = Proxy(URL, folder)
        for visibility, token in (("public", ""), ("private", TOKEN)):
            project = Project.new(target, visibility)
            for version, day in (("1.9.0", 1), ("1.10.0", 2), ("2.0.0-rc.1", 3), ("1.9.1", 4)):
                file = f"/hello-{version}-linux-x86_64.tar.gz"
                project.release(f"v{version}", file, released_at=f"2025-10-0{day}T00:00:00Z")
            nvchecker(folder, proxy, project, visibility, token)
            lastversion(folder, proxy, project, visibility, token)


def nvchecker(folder, proxy, project, visibility, token):
    """By tags, by the list of releases, and by the address of the newest one."""
    finals = {"prefix": "v", "include_regex": "v[0-9.]+", "httptoken": f"Bearer {token}" if token else ""}
    sources = {
        "tags": {"source": "gitlab", "host": HOST, "gitlab": project.path, "use_max_tag": True, "verify_cert": False},
        "releases": {"source": "regex", "url": f"{URL}/api/v4/projects/{project.id}/releases", "regex": '"tag_name":"(v[^"]*)"'},
        "latest": {"source": "httpheader", "url": f"{project.web}/-/releases/permalink/latest", "regex": "/releases/(v[^/?]*)"},
    }
    for name, source in sources.items():
        with step(f"nvchecker-{name}-{visibility}"):
            settings = pathlib.Path(folder, "nvchecker.toml")
            lines = [f"{key} = {json.dumps(value)}" for key, value in {**finals, **source}.items() if value != ""]
            through = f'[__config__]\nproxy = "{proxy.url}"\n' if name == "tags" else ""
            settings.write_text(through + "[hello]\n" + "\n".join(lines) + "\n")
            found = json.loads(run(PROGRAMS / "nvchecker", "--file", settings, "--logger", "json").splitlines()[-1])
            same((found.get("name"), found.get("version")), ("hello", "1.9.1" if name == "latest" else "1.10.0"))


def lastversion(folder, proxy, project, visibility, token):
    """By tags, with what the release of the tag says."""
    def ask(*arguments):
        environment = {
            **os.environ, "HTTPS_PROXY": proxy.url, "REQUESTS_CA_BUNDLE": str(proxy.certificate), "GITLAB_PA_TOKEN": token,
            "XDG_CACHE_HOME": folder, "XDG_CONFIG_HOME": folder,
        }
        command = (PROGRAMS / "lastversion", *arguments, f"https://{HOST}/{project.path}")
        return run(*command, env=environment).strip()

    with step(f"lastversion-{visibility}"):
        same(ask(), "1.10.0")
    with step(f"lastversion-pre-{visibility}"):
        same(ask("--pre"), "2.0.0rc1")
    with step(f"lastversion-assets-{visibility}"):
        same(ask("--assets"), f"{project.target.url}/hello-1.10.0-linux-x86_64.tar.gz")


main()
