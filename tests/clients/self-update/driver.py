"""Lists releases and updates a program, and looks at the program afterwards."""

import sys

import tarball
from downloads import TOKEN, URL, Project, download, run
from script import same, step
from target import Target

FILE = "/hello-x86_64-unknown-linux-gnu.tar.gz"
NEWEST = b"#!/bin/sh\necho hello 1.129.0\n"


def main():
    for visibility, token in (("public", ""), ("private", TOKEN)):
        target = Target({FILE: ("application/gzip", tarball.of("hello", NEWEST, 0o755))})
        project = Project.new(target, visibility)
        for minor in range(130):
            project.release(f"v1.{minor}.0", FILE)
        call = (project, token)
        versions = [f"1.{minor}.0" for minor in range(129, -1, -1)]
        for name, host in (("list", URL), ("trailing-slash", f"{URL}/")):
            with step(f"{name}-{visibility}"):
                same(self_update(*call, host).split(), versions)
        with download(f"update-{visibility}", target) as folder:
            program = folder / "hello"
            program.write_text("#!/bin/sh\necho hello 1.0.0\n")
            program.chmod(0o755)
            self_update(*call, f"{URL}/", program, "1.0.0")
            same(run(program).strip(), "hello 1.129.0")
        with step(f"up-to-date-{visibility}"):
            said = self_update(*call, URL, "/nowhere/hello", "1.129.0")
            same("UpToDate" in said, True)


def self_update(project, token, host, *update):
    """Runs the program that uses the crate."""
    return run(sys.argv[1], host, *project.path.split("/"), token, *update)


main()
