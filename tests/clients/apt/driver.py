"""Updates lists and downloads a package with apt, and looks at the version that is there."""

import gzip
import hashlib
import os
import pathlib
import tempfile
import urllib.parse

from downloads import TOKEN, URL, Project, download, run
from script import same
from target import Target

ABOUT = "Package: hello\nVersion: 1.0.0\nArchitecture: all\nMaintainer: Robin <robin@example.com>\nDescription: hello\n"
POOL = "pool/hello_1.0.0_all.deb"


def main():
    for visibility in ("public", "private"):
        target = Target()
        project = Project.new(target, visibility)
        with tempfile.TemporaryDirectory() as folder:
            apt = Apt(pathlib.Path(folder), project, visibility == "private")
            publish(project)
            with download(f"update-{visibility}", target):
                apt.get("update")
                same(apt.candidate(), "1.0.0")
            with download(f"download-{visibility}", target) as place:
                same(apt.downloaded(place), "1.0.0")
            with download(f"unchanged-{visibility}", target):
                apt.get("update")
                same("If-Modified-Since: " in "\n".join(target.requests), True)


class Apt:
    """apt with settings and a state of its own, below a folder."""

    def __init__(self, folder, project, private):
        for place in ("etc/preferences.d", "etc/trusted.gpg.d", "state/lists/partial", "cache/archives/partial"):
            (folder / place).mkdir(parents=True)
        (folder / "etc" / "sources.list").write_text(f"deb [trusted=yes arch=amd64] {project.latest} stable main\n")
        (folder / "status").write_text("")
        if private:
            server = urllib.parse.urlsplit(URL)
            login = f"machine {server.scheme}://{server.netloc}/ login ci password {TOKEN}\n"
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


def publish(project):
    """A release with a repository of one package."""
    package = built()
    entry = f"{ABOUT}Filename: {POOL}\nSize: {len(package)}\nSHA256: {hashlib.sha256(package).hexdigest()}\n".encode()
    index = gzip.compress(entry, mtime=0)
    release = (
        "Suite: stable\nCodename: stable\nComponents: main\nArchitectures: amd64 all\nDate: Wed, 01 Oct 2025 00:00:00 UTC\n"
        "SHA256:\n"
    )
    for name, content in {"Packages": entry, "Packages.gz": index}.items():
        release += f" {hashlib.sha256(content).hexdigest()} {len(content)} main/binary-amd64/{name}\n"
    files = {"dists/stable/InRelease": release.encode(), "dists/stable/main/binary-amd64/Packages.gz": index, POOL: package}
    project.target.files |= {f"/{path}": ("application/octet-stream", content) for path, content in files.items()}
    project.release("v1.0.0", *(f"/{path}" for path in files))


def built():
    """A package without files."""
    with tempfile.TemporaryDirectory() as folder:
        control = pathlib.Path(folder, "hello", "DEBIAN", "control")
        control.parent.mkdir(parents=True, mode=0o755)
        control.write_text(ABOUT)
        package = pathlib.Path(folder, "hello.deb")
        run("dpkg-deb", "--build", "--root-owner-group", control.parent.parent, package)
        return package.read_bytes()


main()
