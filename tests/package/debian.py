"""A small Debian in a folder, in which packages are installed and a service is run as its unit says, without systemd."""

import configparser
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import time

from programs import bootstrap, succeed

PATIENCE = 60
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
# Says what systemd is asked to do, and does of that only the stop of the service.
SYSTEMCTL = """\
#!/bin/sh
echo "$*" >>/systemctl.log
case "$*" in
"stop "*release-links.service*) [ ! -e /server.pid ] || kill -TERM "$(cat /server.pid)" ;;
esac
"""


class Debian:
    def __init__(self, folder):
        self.root = folder / "root"
        shutil.rmtree(self.root, ignore_errors=True)
        # With owners, modes, and devices.
        bootstrap(folder / "debian", "--include=systemd")
        succeed("cp", "--archive", folder / "debian", self.root)
        # From here on it looks as if systemd ran.
        systemctl = self.root / "usr/bin/systemctl"
        systemctl.write_text(SYSTEMCTL)
        systemctl.chmod(0o755)
        (self.root / "run/systemd/system").mkdir(parents=True)
        self.process = None

    def run(self, *command, **options):
        return succeed(*self.inside(*command), env=ENVIRONMENT, **options)

    def inside(self, *command):
        """The command in the folder, with a /proc that ends with it."""
        script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
        return ("unshare", "--mount", "sh", "-c", script, self.root, *command)

    def install(self, package):
        """As an operator would, with the answer to keep files that were edited."""
        shutil.copy(package, self.root / "package.deb")
        keep = ("-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold")
        return self.run("apt-get", "install", "--yes", *keep, "/package.deb")

    def asked(self):
        """What systemd was asked since the last time, without what every package asks."""
        log = self.root / "systemctl.log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line for line in lines if line not in ("daemon-reload", "--system daemon-reload")]

    def path(self, name):
        return self.root / name.lstrip("/")

    def owner_and_mode(self, name):
        return self.run("stat", "--format", "%U:%G %a", name).strip()

    def processes(self):
        """The processes that run in the folder."""
        found, root = [], self.root.stat()
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.path.samestat((process / "root").stat(), root):
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                pass  # it has ended
        return found

    def unit(self, name):
        unit = configparser.RawConfigParser(strict=False, interpolation=None)
        unit.optionxform = str
        unit.read(self.path(f"/usr/lib/systemd/system/{name}"))
        return unit["Service"]

    def as_the_unit(self, name):
        """The command of a unit, as its user."""
        unit = self.unit(name)
        words = shlex.split(unit["ExecStart"].replace("$$", "$").replace("%%", "%"))
        account = (f"--reuid={unit['User']}", f"--regid={unit['Group']}", "--init-groups")
        restricted = ("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all")
        folder = unit.get("WorkingDirectory", "/")
        enter = ("sh", "-c", f'umask {unit["UMask"]} && cd {folder} && exec "$@"', "sh")
        return self.inside("setpriv", *account, *restricted, *enter, *words)

    def start(self):
        """Starts the server, and waits until it tells systemd that it is ready."""
        assert self.unit("release-links.service")["Type"] == "notify"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.settimeout(PATIENCE)
        # The name of a socket must be short.
        back = os.getcwd()
        os.chdir(self.root / "run")
        pathlib.Path("notify").unlink(missing_ok=True)
        listener.bind("notify")
        os.chmod("notify", 0o666)
        os.chdir(back)
        log = self.root / "server.log"
        self.process = subprocess.Popen(
            [str(word) for word in self.as_the_unit("release-links.service")], stdin=subprocess.DEVNULL,
            stdout=log.open("w"), stderr=subprocess.STDOUT, env={**ENVIRONMENT, "NOTIFY_SOCKET": "/run/notify"},
        )
        (self.root / "server.pid").write_text(str(self.process.pid))
        try:
            assert listener.recv(100) == b"READY=1\n"
        except TimeoutError:
            raise AssertionError(log.read_text()) from None
        return re.search(r"listening on (http://127\.0\.0\.1:\d+)", log.read_text()).group(1)

    def ended(self):
        """The exit code of the server, which somebody has stopped."""
        code = self.process.wait(timeout=PATIENCE)
        (self.root / "server.pid").unlink()
        self.process = None
        return code

    def stop(self):
        if self.process:
            self.process.terminate()
            return self.ended()
        return 0

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        # A process that was started by mistake would keep files open.
        deadline = time.monotonic() + PATIENCE
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        shutil.rmtree(self.root, ignore_errors=True)
