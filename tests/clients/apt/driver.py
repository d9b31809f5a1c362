"""Updates lists and downloads a package with apt, and looks at the version that is there."""

import pathlib
import tempfile

import debs
from downloads import TOKEN, Project, download
from script import same
from target import Target


def main():
    for visibility in ("public", "private"):
        target = Target()
        project = Project.new(target, visibility)
        with tempfile.TemporaryDirectory() as folder:
            token = TOKEN if visibility == "private" else None
            apt = debs.Apt(pathlib.Path(folder), f"{project.latest} stable main", token)
            publish(project)
            with download(f"update-{visibility}", target):
                apt.get("update")
                same(apt.candidate(), "1.0.0")
            with download(f"download-{visibility}", target) as place:
                same(apt.downloaded(place), "1.0.0")
            with download(f"unchanged-{visibility}", target):
                apt.get("update")
                same("If-Modified-Since: " in "\n".join(target.requests), True)


def publish(project):
    """A release with a repository of one package."""
    files = debs.repository("dists/stable/", "pool/")
    project.target.files |= {f"/{path}": ("application/octet-stream", content) for path, content in files.items()}
    project.release("v1.0.0", *(f"/{path}" for path in files))


main()
