"""A clean Debian of its own, with systemd as its first process, on which commands run as a stranger would paste them."""

import os
import pathlib
import subprocess
import time

from programs import bootstrap, run, succeed
from server import PATIENCE, TARGET

# Every host is a copy of it.
BASE = TARGET / "deploy" / "debian"
# What a small installation has, and what a page expects to be there.
PACKAGES = "systemd-sysv,dbus,sudo,ca-certificates,curl,openssl,nginx-light"


class Host:
    """A machine in a folder, with a network that ends at itself."""

    def __init__(self, folder):
        self.root = folder / "root"
        bootstrap(BASE, f"--include={PACKAGES}")
        succeed("cp", "-a", "--reflink=auto", BASE, self.root)
        name = f"release-links-{os.getpid()}"
        self.log = (folder / "console.log").open("w+")
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--boot", "--register=no", "--keep-unit",
             "--private-network", "--resolv-conf=off", f"--machine={name}", "--link-journal=no"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
        )
        try:
            self._await_start()
        except BaseException:
            self.stop()
            raise

    def _await_start(self):
        deadline = time.monotonic() + 4 * PATIENCE
        while True:
            assert self.process.poll() is None and time.monotonic() < deadline, self.console()
            if self.first() and self.sh("systemctl is-system-running", "root")[1].split()[-1:] in (["running"], ["degraded"]):
                return
            time.sleep(0.2)

    def first(self):
        """The number of its first process."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return next((child for child in children if pathlib.Path(f"/proc/{child}/comm").read_text() == "systemd\n"), None)

    def console(self):
        self.log.seek(0)
        return self.log.read()[-3000:]

    def sh(self, script, user="admin"):
        """Runs a script from the folder with the project, as that user does; returns its exit code and what it printed."""
        enter = ("nsenter", "--target", self.first(), "--all", "--root", "--wdns=/")
        return run(*enter, "runuser", "-u", user, "--", "sh", "-ec", f"cd /home/admin 2>/dev/null || cd /\n{script}")

    def stop(self):
        if first := self.first():
            # The signal that tells systemd in a container to power off.
            run("kill", "-RTMIN+4", first)
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
