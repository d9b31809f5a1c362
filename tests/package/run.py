#!/usr/bin/env python3
"""Builds the Debian package of the release build, looks into it, and installs, upgrades, removes and purges it in a small Debian.

Usage: run.py CARGO_DEB    the program, after `cargo build --release`
"""

import difflib
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent / "clients"))

from debian import ENVIRONMENT, Debian  # noqa: E402
from outcomes import Outcomes  # noqa: E402
from programs import SLOW, run, succeed  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = pathlib.Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
BINARY = TARGET / "release" / "release-links"
FILES = TARGET / "release" / "package-files"
FOLDER = TARGET / "package"
PACKAGE = FOLDER / "release-links.deb"
NEWER = FOLDER / "newer.deb"
DATA = ("/var/lib/release-links", "/var/backups/release-links")
SETTINGS = "/etc/release-links/config.toml"
UNITS = ("release-links-backup.service", "release-links-backup.timer", "release-links.service")
COMPLETIONS = {
    "bash": FILES / "completions/release-links.bash", "zsh": FILES / "completions/_release-links",
    "fish": FILES / "completions/release-links.fish",
}


def main(cargo_deb):
    FOLDER.mkdir(exist_ok=True)
    files = ("cargo", "run", "--quiet", "--package", "release-links-app", "--example", "package-files", "--", FILES)
    succeed(*files, cwd=ROOT, timeout=SLOW)
    build(cargo_deb, PACKAGE)
    outcomes = Outcomes()
    debian = Debian(FOLDER)
    # Each of those in the small Debian needs the ones before it.
    for check in (
        lintian_finds_nothing, the_package_has_these_files, each_command_has_a_man_page_without_warnings,
        completions_are_read_by_their_shells, the_settings_are_the_example_with_two_lines_set,
        installed_it_starts_nothing, the_service_answers_as_its_own_user, the_backup_is_made_by_its_unit,
        an_upgrade_keeps_settings_and_restarts_only_what_runs, removal_stops_it_and_keeps_data_and_settings,
        installed_again_it_goes_on_with_the_same_data, purging_removes_the_settings_and_keeps_the_data,
    ):
        outcomes.attempt(check, debian, cargo_deb)
    debian.close()
    return outcomes.end()


def build(cargo_deb, package, *arguments):
    """Packs what is built; with little compression, as that takes longest."""
    command = (cargo_deb, "--no-build", "--fast", "--package", "release-links-app", "--output", package, *arguments)
    said = succeed(*command, cwd=ROOT, env={**os.environ, "CARGO_TARGET_DIR": str(TARGET)})
    assert "warning" not in said, said


def lintian_finds_nothing(_debian, _cargo_deb):
    """Neither errors nor warnings."""
    code, said = run("lintian", "--allow-root", "--fail-on", "error,warning", PACKAGE)
    assert code == 0 and "\nE:" not in f"\n{said}" and "\nW:" not in f"\n{said}", said


def commands(*words):
    """The binary's commands, at any depth, as its help lists them."""
    yield words
    said = succeed(BINARY, *words, "--help")
    listed = re.search(r"^Commands:\n((?:  .*\n)+)", said, re.MULTILINE)
    for name in re.findall(r"^  (\S+)", listed.group(1), re.MULTILINE) if listed else ():
        if name != "help":
            yield from commands(*words, name)


def the_package_has_these_files(_debian, _cargo_deb):
    expected = {f"./usr/lib/systemd/system/{unit}": "-rw-r--r--" for unit in UNITS}
    expected.update({f"./usr/share/man/man1/{'-'.join(('release-links', *words))}.1.gz": "-rw-r--r--" for words in commands()})
    expected.update({
        "./usr/bin/release-links": "-rwxr-xr-x",
        "./etc/release-links/config.toml": "-rw-r--r--",
        "./usr/lib/sysusers.d/release-links.conf": "-rw-r--r--",
        "./usr/lib/tmpfiles.d/release-links.conf": "-rw-r--r--",
        "./usr/share/bash-completion/completions/release-links": "-rw-r--r--",
        "./usr/share/zsh/vendor-completions/_release-links": "-rw-r--r--",
        "./usr/share/fish/vendor_completions.d/release-links.fish": "-rw-r--r--",
        "./usr/share/doc/release-links/copyright": "-rw-r--r--",
        "./usr/share/doc/release-links/changelog.gz": "-rw-r--r--",
        "./usr/share/doc/release-links/changelog.Debian.gz": "-rw-r--r--",
        "./usr/share/lintian/overrides/release-links": "-rw-r--r--",
    })
    lines = [line.split() for line in succeed("dpkg-deb", "--contents", PACKAGE).splitlines()]
    assert {line[1] for line in lines} == {"0/0"}, lines
    assert {line[0] for line in lines if line[5].endswith("/")} == {"drwxr-xr-x"}, lines
    found = {line[5]: line[0] for line in lines if not line[5].endswith("/")}
    assert found == expected, "\n".join(difflib.ndiff(sorted(map(str, expected.items())), sorted(map(str, found.items()))))
    contents = FOLDER / "contents"
    succeed("rm", "-rf", contents)
    succeed("dpkg-deb", "--raw-extract", PACKAGE, contents)
    assert (contents / "DEBIAN/conffiles").read_text().split() == [SETTINGS]
    # The licence's text without its title, whose paragraphs a line with a dot separates there.
    licences = [word for word in (contents / "usr/share/doc/release-links/copyright").read_text().split() if word != "."]
    text = (ROOT / "LICENSE-MIT").read_text().split("\n\n", 2)[2].split()
    assert " ".join(text) in " ".join(licences), licences
    assert "/usr/share/common-licenses/Apache-2.0." in licences, licences
    changes = gzip.decompress((contents / "usr/share/doc/release-links/changelog.gz").read_bytes())
    assert changes == (ROOT / "CHANGELOG.md").read_bytes()


def each_command_has_a_man_page_without_warnings(_debian, _cargo_deb):
    quiet = {**os.environ, "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"}
    for words in commands():
        page = FILES / "man" / f"{'-'.join(('release-links', *words))}.1.gz"
        warned = subprocess.run(
            ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], env=quiet, capture_output=True, text=True,
        )
        assert (warned.returncode, warned.stderr) == (0, ""), f"{page.name}: {warned.stderr}"
        text = re.sub(r".\x08", "", succeed("man", "-l", page, env={**quiet, "MANPAGER": "cat", "MANWIDTH": "1000"}))
        for flag in re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", succeed(BINARY, *words, "--help"), re.MULTILINE):
            assert re.search(rf"^ +(?:-\w, )?{flag}\b", text, re.MULTILINE), f"{page.name} does not explain {flag}"


def completions_are_read_by_their_shells(_debian, _cargo_deb):
    for shell, file in COMPLETIONS.items():
        assert succeed(shell, "-n", file) == ""
        text = file.read_text()
        assert "external-url" in text, shell
        # A flag that the server refuses, as others could see it.
        assert "root-token" not in text, shell
    script = """
        source "$1"; set -- $(complete -p release-links); while [[ $1 != -F ]]; do shift; done
        COMP_WORDS=(release-links tok) COMP_CWORD=1; "$2" release-links tok ""; echo "${COMPREPLY[@]}"
    """
    assert succeed("bash", "-c", script, "bash", COMPLETIONS["bash"]).split() == ["token"]
    fish = succeed("fish", "--no-config", "--command", f"source {COMPLETIONS['fish']}; complete --do-complete 'release-links tok'")
    assert fish.split()[0] == "token", fish


def the_settings_are_the_example_with_two_lines_set(_debian, _cargo_deb):
    example = (ROOT / "docs/deploy/config.toml").read_text().splitlines()
    settings = (FILES / "config.toml").read_text().splitlines()
    changed = [line for line in difflib.ndiff(example, settings) if line.startswith("+ ")]
    expected = ['+ database = "sqlite:/var/lib/release-links/release-links.db"', '+ trusted-proxies = "127.0.0.1"']
    assert changed == expected and len(example) == len(settings), changed
    succeed(BINARY, "config", "check", "--config", FILES / "config.toml")


def installed_it_starts_nothing(debian, _cargo_deb):
    said = debian.install(PACKAGE)
    assert "systemctl enable --now release-links.service release-links-backup.timer" in said, said
    assert debian.asked() == []
    assert debian.processes() == []
    # Neither enabled nor masked.
    assert debian.run("find", "/etc/systemd/system", "-name", "*release-links*") == ""
    account = debian.run("getent", "passwd", "release-links").strip().split(":")
    assert account[5:] == ["/var/lib/release-links", "/usr/sbin/nologin"] and int(account[2]) < 1000, account
    assert debian.owner_and_mode(SETTINGS) == "root:release-links 640"
    assert debian.owner_and_mode("/etc/release-links") == "root:root 755"
    assert debian.owner_and_mode("/usr/bin/release-links") == "root:root 755"
    for folder in DATA:
        assert debian.owner_and_mode(folder) == "release-links:release-links 700"
        assert list(debian.path(folder).iterdir()) == []


def ask(url, token, body=None):
    data = json.dumps(body).encode() if body else None
    headers = {"PRIVATE-TOKEN": token, "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        return json.load(answer)


def token(debian):
    return debian.path("/var/lib/release-links/release-links.db.root-token").read_text().strip()


def the_service_answers_as_its_own_user(debian, _cargo_deb):
    settings = debian.path(SETTINGS)
    text = settings.read_text()
    for line, edited in (
        ('#listen = "127.0.0.1:8080"', 'listen = "127.0.0.1:0"'),
        ('#external-url = "URL"', 'external-url = "https://links.example.com"'),
    ):
        assert line in text
        text = text.replace(line, edited)
    settings.write_text(text)
    address = debian.start()
    assert len(debian.processes()) == 1, debian.processes()
    uid = os.stat(f"/proc/{debian.process.pid}").st_uid
    assert debian.run("id", "--user", "release-links").strip() == str(uid) != "0"
    made = ask(f"{address}/api/v4/projects", token(debian), {"name": "kept", "visibility": "public"})
    assert made["web_url"] == "https://links.example.com/root/kept"
    for file in ("release-links.db", "release-links.db-wal", "release-links.db.root-token"):
        assert debian.owner_and_mode(f"/var/lib/release-links/{file}") == "release-links:release-links 600"
    # The commands find the database by the same settings.
    command = ("setpriv", "--reuid=release-links", "--regid=release-links", "--init-groups", "release-links")
    assert len(debian.run(*command, "token", "list", "--user", "root").splitlines()) == 2


def the_backup_is_made_by_its_unit(debian, _cargo_deb):
    succeed(*debian.as_the_unit("release-links-backup.service"), env={**ENVIRONMENT, "LC_ALL": "C"})
    (backup,) = debian.path("/var/backups/release-links").iterdir()
    assert re.fullmatch(r"[A-Z][a-z]+day\.db", backup.name), backup
    assert debian.owner_and_mode(f"/var/backups/release-links/{backup.name}") == "release-links:release-links 600"


def an_upgrade_keeps_settings_and_restarts_only_what_runs(debian, cargo_deb):
    edited = debian.path(SETTINGS).read_text()
    shipped = (FILES / "config.toml").read_text()
    (FILES / "config.toml").write_text(f"{shipped}\n# Another line.\n")
    try:
        build(cargo_deb, NEWER, "--deb-version", "999.0.0-1")
    finally:
        (FILES / "config.toml").write_text(shipped)
    debian.install(NEWER)
    assert debian.run("dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Version}", "release-links") == "installed 999.0.0-1"
    asked = debian.asked()
    assert asked == [f"try-restart {' '.join(UNITS)}"], asked
    assert debian.path(SETTINGS).read_text() == edited
    assert debian.owner_and_mode(SETTINGS) == "root:release-links 640"
    # What systemd would have done.
    assert debian.stop() == 0
    address = debian.start()
    assert ask(f"{address}/api/v4/projects/root%2Fkept", token(debian))["name"] == "kept"


def removal_stops_it_and_keeps_data_and_settings(debian, _cargo_deb):
    debian.run("apt-get", "remove", "--yes", "release-links")
    asked = debian.asked()
    assert asked == [f"stop {' '.join(UNITS)}"], asked
    assert debian.ended() == 0
    assert debian.processes() == []
    assert not debian.path("/usr/bin/release-links").exists()
    assert debian.path(SETTINGS).exists()
    assert debian.path("/var/lib/release-links/release-links.db").exists()
    assert len(list(debian.path("/var/backups/release-links").iterdir())) == 1


def installed_again_it_goes_on_with_the_same_data(debian, _cargo_deb):
    debian.install(PACKAGE)
    asked = debian.asked()
    # Which starts nothing that does not run.
    assert asked == [f"try-restart {' '.join(UNITS)}"], asked
    assert debian.processes() == []
    # Removal masked the units.
    assert debian.run("find", "/etc/systemd/system", "-name", "*release-links*") == ""
    address = debian.start()
    assert ask(f"{address}/api/v4/projects/root%2Fkept", token(debian))["name"] == "kept"
    assert debian.stop() == 0


def purging_removes_the_settings_and_keeps_the_data(debian, _cargo_deb):
    said = debian.run("apt-get", "purge", "--yes", "release-links")
    for folder in DATA:
        assert f"{folder} is kept" in said, said
        assert debian.owner_and_mode(folder) == "release-links:release-links 700"
    assert debian.path("/var/lib/release-links/release-links.db").exists()
    left = debian.run("find", "/etc", "/usr", "/var/lib/systemd", "-name", "*release-links*").split()
    assert left == [], left
    assert debian.processes() == []


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
