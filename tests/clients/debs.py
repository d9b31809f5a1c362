"""A repository of one package, and an apt with settings and a state of its own."""

import gzip
import hashlib
import os
import pathlib
import tempfile
import urllib.parse

from downloads import URL, run

ABOUT = "Package: hello\nVersion: 1.0.0\nArchitecture: all\nMaintainer: Robin <robin@example.com>\nDescription: hello\n"
PACKAGE = "hello_1.0.0_all.deb"


def repository(lists, pool):
    """The files by their paths: what is below `lists` with folders for each kind of machine, unless that is empty, and the package in `pool`."""
    package = built()
    entry = f"{ABOUT}Filename: {pool}{PACKAGE}\nSize: {len(package)}\nSHA256: {hashlib.sha256(package).hexdigest()}\n".encode()
    index = gzip.compress(entry, mtime=0)
    place = "main/binary-amd64/" if lists else ""
    release = (
        "Suite: stable\nCodename: stable\nComponents: main\nArchitectures: amd64 all\nDate: Wed, 01 Oct 2025 00:00:00 UTC\n"
        "SHA256:\n"
    )
    for name, content in {"Packages": entry, "Packages.gz": index}.items():
        release += f" {hashlib.sha256(content).hexdigest()} {len(content)} {place}{name}\n"
    return {
        f"{lists}InRelease": release.encode(), f"{lists}{place}Packages.gz": index,
        f"{pool}{PACKAGE}": package,
    }


def built():
    """A package without files."""
    with tempfile.TemporaryDirectory() as folder:
        control = pathlib.Path(folder, "hello", "DEBIAN", "control")
        control.parent.mkdir(parents=True, mode=0o755)
        control.write_text(ABOUT)
        package = pathlib.Path(folder, "hello.deb")
        run("dpkg-deb", "--build", "--root-owner-group", control.parent.parent, package)
        return package.read_bytes()


class Apt:
    """apt with settings and a state of its own, below a folder; its source is what follows the options of a line of sources.list."""

    def __init__(self, folder, source, token):
        for place in ("etc/preferences.d", "etc/trusted.gpg.d", "state/lists/partial", "cache/archives/partial"):
            (folder / place).mkdir(parents=True)
        (folder / "etc" / "sources.list").write_text(f"deb [trusted=yes arch=amd64] {source}\n")
        (folder / "status").write_text("")
        if token:
            server = urllib.parse.urlsplit(URL)
            login = f"machine {server.scheme}://{server.netloc}/ login ci password {token}\n"
            (folder / "etc" / "auth.conf").write_text(login)
        settings = {
            "Dir::Etc": folder / "etc", "Dir::Etc::parts": "/dev/null", "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State": folder / "state", "Dir::State::status": folder / "status", "Dir::Cache": folder / "cache",
            "APT::Architecture": "amd64", "APT::Sandbox::User": "root", "Acquire::Languages": "none",
            "APT::Update::Error-Mode": "any",
        }
        configuration = folder / "apt.conf"
        configuration.write_text("".join(f'{name} "{value}";\n' for name, value in settings.items()))
        self.environment = {**os.environ, "APT_CONFIG": str(configuration), "LC_ALL": "C.UTF-8"}

    def get(self, *arguments, **options):
        """Runs apt-get, for which a file that it could not have is an error."""
        run("apt-get", "-q", *arguments, env=self.environment, **options)

    def candidate(self):
        """The version that apt would install."""
        policy = run("apt-cache", "policy", "hello", env=self.environment)
        return policy.partition("Candidate:")[2].split()[0]

    def downloaded(self, place):
        """The version of the package that apt downloads."""
        self.get("download", "hello", cwd=place)
        (package,) = place.glob("*.deb")
        return run("dpkg-deb", "--field", package, "Version").strip()
