"""Lets an app look for an update, and looks at the file that it downloads."""

import base64
import hashlib
import json
import os
import pathlib
import tempfile

from downloads import TOKEN, URL, Project, download, run
from script import refused, same
from target import Target
from tls import HOST, Proxy

CONTENT = b"payload of /hello-1.1.0.AppImage"


def main():
    with tempfile.TemporaryDirectory() as certificates:
        proxy = Proxy(URL, certificates)
        for visibility, token in (("public", ""), ("private", TOKEN)):
            target = Target({"/latest-linux.yml": ("text/plain", channel(CONTENT))})
            project = Project.new(target, visibility)
            project.release("v1.1.0", "/hello-1.1.0.AppImage", "/latest-linux.yml")
            with download(f"update-{visibility}", target) as folder:
                version, file = updated(folder, proxy, project, token, "1.0.0").split()
                same((version, pathlib.Path(file).read_bytes()), ("1.1.0", CONTENT))
            with download(f"up-to-date-{visibility}", target) as folder:
                same(updated(folder, proxy, project, token, "1.1.0"), "up to date with 1.1.0")
            with download(f"wrong-sum-{visibility}", target) as folder, refused("sha512 checksum mismatch"):
                target.files["/latest-linux.yml"] = ("text/plain", channel(b"something else"))
                updated(folder, proxy, project, token, "1.0.0")


def channel(content):
    """The file that says what is newest, and its sum."""
    sha512 = base64.b64encode(hashlib.sha512(content).digest()).decode()
    file = {"url": "hello-1.1.0.AppImage", "sha512": sha512, "size": len(CONTENT)}
    about = {"version": "1.1.0", "files": [file], "path": file["url"], "sha512": sha512, "releaseDate": "2025-10-01T00:00:00.000Z"}
    return json.dumps(about).encode()


def updated(folder, proxy, project, token, version):
    """What an app of that version says after it looked for an update."""
    settings = folder / "app-update.yml"
    settings.write_text(json.dumps({"provider": "gitlab", "host": HOST, "projectId": project.id, "updaterCacheDirName": "hello"}))
    (folder / "hello.AppImage").write_text("old")
    environment = {
        **os.environ, "https_proxy": proxy.url, "NODE_EXTRA_CA_CERTS": str(proxy.certificate), "SETTINGS": str(settings),
        "FOLDER": str(folder), "VERSION": version, "BEARER": token, "APPIMAGE": str(folder / "hello.AppImage"),
    }
    return run(os.environ["NODE"], "update.cjs", env=environment).strip()


main()
