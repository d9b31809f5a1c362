"""Installs a tarball with npm, pnpm and both yarns, and looks at the version that is there and at the lock file."""

import json
import os
import pathlib
import urllib.parse

import client
import tarball
from downloads import TOKEN, URL, Project, download, run
from script import same
from target import Target

NODE, MODULES = os.environ["NODE"], pathlib.Path(os.environ["MODULES"])
# The machine's own settings may name other sources.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.lower().startswith(("npm_", "pnpm_", "yarn_"))},
    "YARN_ENABLE_TELEMETRY": "false", "YARN_NODE_LINKER": "node-modules", "YARN_UNSAFE_HTTP_WHITELIST": "*",
}
# The program, how it adds a package, how it installs what the lock file says, and that file.
TOOLS = {
    "npm": ("npm/bin/npm-cli.js", ["install"], ["ci"], "package-lock.json"),
    "pnpm": ("pnpm/bin/pnpm.cjs", ["add"], ["install", "--frozen-lockfile"], "pnpm-lock.yaml"),
    "yarn-1": ("yarn/bin/yarn.js", ["add"], ["install", "--frozen-lockfile"], "yarn.lock"),
    "yarn-4": ("@yarnpkg/cli-dist/bin/yarn.js", ["add"], ["install", "--immutable"], "yarn.lock"),
}


def main():
    for visibility, tools in client.TOOLS.items():
        package = tarball.of("package/package.json", b'{"name": "hello", "version": "1.0.0"}')
        target = Target({"/hello-1.0.0.tgz": ("application/gzip", package)})
        project = Project.new(target, visibility)
        project.release("v1.0.0", "/hello-1.0.0.tgz")
        link = f"{project.downloads('v1.0.0')}/hello-1.0.0.tgz"
        for tool in tools:
            _, add, locked, lock = TOOLS[tool]
            files = {"package.json": '{"name": "here", "version": "0.0.0", "license": "MIT"}\n', ".npmrc": settings(visibility)}
            with download(f"{tool}-add-{visibility}", target) as folder:
                same(installed(tool, folder, files, *add, f"hello@{link}"), "1.0.0")
                files |= {name: (folder / name).read_text() for name in ("package.json", lock)}
                same((link in files[lock], target.url in files[lock]), (True, False))
            with download(f"{tool}-locked-{visibility}", target) as folder:
                same(installed(tool, folder, files, *locked), "1.0.0")


def settings(visibility):
    """No registry but this server, which is none; npm and pnpm send the token to a host, yarn only to its registry."""
    lines = [f"registry={URL}/", "fund=false", "audit=false"]
    if visibility == "private":
        lines += [f"//{urllib.parse.urlsplit(URL).netloc}/:_authToken={TOKEN}", "always-auth=true"]
    return "\n".join(lines) + "\n"


def installed(tool, folder, files, *arguments):
    """Runs the tool in a folder with these files; returns the version of the package that is there."""
    for name, text in files.items():
        (folder / name).write_text(text)
    # The caches are in the home directory, but for Yarn 1 when root runs it.
    here = {"HOME": str(folder / "home"), "YARN_CACHE_FOLDER": str(folder / "cache")}
    run(NODE, MODULES / TOOLS[tool][0], *arguments, cwd=folder, env={**ENVIRONMENT, **here})
    return json.loads((folder / "node_modules" / "hello" / "package.json").read_text())["version"]


main()
