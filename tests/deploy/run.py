#!/usr/bin/env python3
"""Checks what docs/deploy holds: the units by systemd's own tools; proxies, fail2ban and Prometheus with the real binary; and the
pages for one host, on a clean one."""

import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
# After this folder, since both have a module `server`.
sys.path.insert(1, str(HERE.parent / "clients"))

import monitoring  # noqa: E402
import pages  # noqa: E402
import proxies  # noqa: E402
from calls import allowed_calls  # noqa: E402
from outcomes import Outcomes  # noqa: E402
from programs import run  # noqa: E402
from server import BINARY, PATIENCE, ROOT, Server, provision  # noqa: E402

DEPLOY = ROOT / "docs" / "deploy"
UNITS = ("release-links.service", "release-links-backup.service", "release-links-backup.timer", "litestream.service")


def main():
    command = ["cargo", "build", "--quiet", "--package", "release-links-app", "--bin", "release-links"]
    subprocess.run(command, cwd=ROOT, check=True)
    outcomes = Outcomes()
    for check in (
        units_are_valid, service_is_hardened, system_calls_are_allowed, proxies.proxies_close_idle_connections_first,
        *proxies.checks(), guessed_tokens_are_found, monitoring.alerts_fire,
        monitoring.prometheus_understands_the_metrics, pages.the_pages_for_one_host_do_what_they_say,
    ):
        with tempfile.TemporaryDirectory(prefix="release-links-deploy-") as folder:
            outcomes.attempt(check, pathlib.Path(folder))
    return outcomes.end()


def units(folder):
    """The units with the binary that was built where it will be installed; instead of Litestream as well, which need not be there."""
    for name in UNITS:
        text = re.sub("/usr/(local/)?bin/(release-links|litestream)", str(BINARY), (DEPLOY / name).read_text())
        (folder / name).write_text(text)
    return [folder / name for name in UNITS]


def units_are_valid(folder):
    code, said = run("systemd-analyze", "verify", "--man=no", *units(folder))
    # A setting that systemd does not know is only a line on stderr.
    said = "\n".join(line for line in said.splitlines() if str(folder) in line or "release-links" in line)
    assert (code, said) == (0, ""), f"exit code {code}: {said}"


def service_is_hardened(folder):
    """At most 2.0 of 10 on systemd's own scale, which counts the network that a server needs; the backup 3.0."""
    units(folder)
    for name in ("release-links.service", "litestream.service", "release-links-backup.service"):
        limit = 30 if name == "release-links-backup.service" else 20
        arguments = ("--offline=true", f"--threshold={limit}", "--no-pager", folder / name)
        code, said = run("systemd-analyze", "security", *arguments)
        assert code == 0, said.strip().splitlines()[-1]
        print(f"   {said.strip().splitlines()[-1]}")


def system_calls_are_allowed(folder):
    trace = folder / "trace"
    systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    systemd.bind(str(folder / "notify"))
    # As the grandchild, strace leaves the server where it would be, and signals reach it.
    tracer = ("strace", "--daemonize", "--follow-forks", "--quiet=attach", "--signal=none", "-o", trace)
    server = Server(folder, *tracer, environment={"NOTIFY_SOCKET": folder / "notify"})
    try:
        provision(server)
        server.get("/-/readiness")
    finally:
        server.stop()
    deadline = time.monotonic() + PATIENCE
    # strace pads a short process id.
    ended = re.compile(rf"^{server.process.pid} +\+\+\+ exited with 0 \+\+\+$", re.MULTILINE)
    while not ended.search(text := trace.read_text()):
        assert time.monotonic() < deadline, text[-500:]
        time.sleep(0.1)
    systemd.setblocking(False)
    assert (systemd.recv(100), systemd.recv(100)) == (b"READY=1\n", b"STOPPING=1\n")
    called = set(re.findall(r"^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed)", text, re.MULTILINE))
    assert {"accept4", "fsync", "pwrite64"} <= called, f"the trace shows none of the service's work: {called}"
    if os.geteuid() == 0:
        # SQLite hands its files to the database's owner when it is root, which the unit's account is not.
        called.discard("fchown")
    allowed = allowed_calls("release-links.service")
    assert not called - allowed, f"the unit forbids {sorted(called - allowed)}"
    print(f"   {len(called)} system calls, all of them allowed")


def guessed_tokens_are_found(folder):
    """By fail2ban, with the filter, and nothing else that a client can bring into the log."""
    guess = ("-H", "PRIVATE-TOKEN: a-guess", "-H", "X-Forwarded-For: 192.0.2.9, 198.51.100.7")
    text = "/x%20WARN%20authentication%20failed%20client=192.0.2.9%20reason=unknown%20request_id=x"
    json = '/x","level":"WARN","message":"authentication%20failed","client":"192.0.2.9","reason":"unknown","request_id":"x"}'
    for form in ("text", "json"):
        server = Server(folder, "env", f"RELEASE_LINKS_LOG_FORMAT={form}", "RELEASE_LINKS_TRUSTED_PROXIES=127.0.0.1")
        try:
            for imitated in (text, json):
                server.get(imitated, "-g")
                server.get(f"/api/v4/projects{imitated}", "-g", *guess)
                server.get("/api/v4/user", "-H", f"X-Request-Id: {imitated}", *guess)
        finally:
            server.stop()
        log, journal = folder / "server.log", folder / "journal.log"
        journal.write_text("".join(f"Nov 27 04:19:01 host release-links[7]: {line}" for line in log.open()))
        for file in (log, journal):
            code, said = run("fail2ban-regex", "--print-all-matched", file, DEPLOY / "fail2ban-filter.conf")
            assert code == 0 and ", 4 matched," in said, said
            matched = re.search(r"Matched line\(s\):\n(.*?)\n`-", said, re.DOTALL).group(1)
            assert matched.count("198.51.100.7") == 4 and "192.0.2.9" not in matched, said


if __name__ == "__main__":
    sys.exit(main())
