"""The real Litestream, with the configuration of docs/deploy and the commands of docs/litestream.md."""

import os
import pathlib
import re
import shlex
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CONFIGURATION = ROOT / "docs" / "deploy" / "litestream.yml"
PAGE = ROOT / "docs" / "litestream.md"
PATIENCE = 60


class Litestream:
    """Litestream on a database, which may be killed and started again."""

    def __init__(self, program, folder, database, *before):
        self.program, self.folder, self.database, self.before = program, folder, database, before
        self.replica = folder / "replica"
        self.log = folder / "litestream.log"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LITESTREAM_"))}
        self.environment.update(LITESTREAM_DATABASE=str(database), LITESTREAM_REPLICA_URL=f"file://{self.replica}")
        self.process = None

    def start(self):
        command = [*self.before, self.program, "replicate", "-config", CONFIGURATION]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def end(self, how=signal.SIGKILL):
        if self.process:
            self.process.send_signal(how)
            self.process.wait(timeout=PATIENCE)
            self.process = None

    def synced(self):
        """Asks until Litestream says that the replica has everything: it may just be starting."""
        deadline = time.monotonic() + PATIENCE
        # A question that opens the database takes Litestream's snapshot with it when it is answered, so let Litestream open it by itself.
        while not self.has_opened():
            assert time.monotonic() < deadline, "Litestream does not open the database"
            time.sleep(0.05)
        while (done := self.run(self.on_the_page("sync"))).returncode:
            assert time.monotonic() < deadline, done.stdout
            time.sleep(0.1)

    def has_opened(self):
        files = pathlib.Path(f"/proc/{self.process.pid}/fd")
        return any(os.path.realpath(file) == f"{self.database}-shm" for file in files.iterdir())

    def restore(self, to):
        """Restores the newest state to a new file, with the command of the page."""
        done = self.run(self.on_the_page("restore").replace('"$LITESTREAM_DATABASE"', f'-o {to} "$LITESTREAM_DATABASE"'))
        assert done.returncode == 0 and "integrity check passed" in done.stdout, done.stdout
        assert to.stat().st_mode & 0o077 == 0, "others can read what was restored"

    def run(self, command):
        return subprocess.run(
            ["sh", "-c", command], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=PATIENCE,
        )

    def on_the_page(self, name):
        """A command of the page, with this test's program and files, and as the user who runs the test."""
        lines = re.findall(rf"^ *(sudo .*litestream {name} .*)$", PAGE.read_text(), re.MULTILINE)
        assert len(lines) == 1, lines
        command = re.sub(r"^sudo (--user=release-links )?", "", lines[0])
        for word, here in (
            (". /etc/litestream.env; ", ""), ("runuser --user=release-links -- ", ""), ("/etc/litestream.yml", CONFIGURATION),
            ("/var/lib/release-links/release-links.db", self.database), ("litestream sync", f"{self.program} sync"),
            ("litestream restore", f"{self.program} restore"),
        ):
            command = command.replace(word, shlex.quote(str(here)) if isinstance(here, pathlib.Path) else here)
        return command

    def forget(self):
        """Loses the disk: everything but the replica."""
        for file in (self.database, *(pathlib.Path(f"{self.database}{end}") for end in ("-wal", "-shm", "-litestream.sock"))):
            file.unlink(missing_ok=True)
        subprocess.run(["rm", "-r", self.database.parent / f".{self.database.name}-litestream"], check=True)

    def read_before(self):
        """A moment before which everything that was committed is in the replica, as the replica itself tells: when the last
        file but one was begun. The log was read for the last one after that, and each has what was new."""
        files = sorted((self.replica / "ltx" / "0").glob("*.ltx"))
        return files[-2].stat().st_mtime if len(files) > 1 else 0.0
