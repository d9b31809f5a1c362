"""Runs each program in a folder with files, and then compares the release with the files, byte by byte."""

import json
import os
import pathlib
import subprocess
import tempfile

import client
import git
import gitlab
import jreleaser
from downloads import run, run_example
from files import PROJECT_ID, ROOT, URL, content, digest, empty, fetched, fill, forget, links, published, release
from script import refused, same, step

TAG = "v1.0.0"
NAMES = ("hello-linux-x64.tar.gz", "hello-macos-arm64.tar.gz")
TOKEN, JOB_TOKEN = os.environ["TOKEN"], os.environ["JOB_TOKEN"]
PACKAGES = f"{URL}/api/v4/projects/{PROJECT_ID}/packages/generic"


def main():
    global GO
    with tempfile.TemporaryDirectory() as folder:
        place, work = pathlib.Path(folder), pathlib.Path(folder, "work")
        GO = place / "publish"
        run("go", "build", "-o", GO, "publish.go")
        for name, language, text in client.EXAMPLES:
            with step(name):
                EXAMPLES[name](empty(work), text.replace("https://links.example.com", URL) if language == "json" else text)
            forget(TAG)
        for name, check in CHECKS.items():
            with step(name):
                check(empty(work))
            forget(TAG)


def runs_twice(language):
    """A script that publishes, twice with other bytes; the links stay, and lead to the bytes of the last run."""
    def check(folder, text):
        ids = []
        for attempt in ("first", "second"):
            files = fill(folder / "dist", NAMES, attempt)
            run_example(folder, language, text, {"TAG": TAG})
            ids.append([link["id"] for link in published(TAG, files).values()])
        same(ids[0], ids[1])
    return check


def semantic_release(folder, text):
    """A release whose tag it makes itself."""
    repository, files = clone(folder, {".releaserc.json": text})
    code, said = run_semantic_release(repository)
    same((code, f"Published GitLab release: {TAG}" in said), (0, True))
    published(TAG, files)


def semantic_release_again(folder):
    """A second run is refused, as the release is there, and its links lead where they led."""
    (text,) = [text for name, _, text in client.EXAMPLES if name == "example-semantic-1"]
    semantic_release(folder, text.replace("https://links.example.com", URL))
    before = links(TAG)
    repository, _ = clone(empty(folder), {".releaserc.json": text.replace("https://links.example.com", URL)})
    code, said = run_semantic_release(repository)
    same((code, "Release already exists" in said), (1, True))
    same({name: link["url"] for name, link in links(TAG).items()}, {name: link["url"] for name, link in before.items()})


def run_semantic_release(repository):
    """The exit code of semantic-release and what it printed."""
    modules = pathlib.Path(os.environ["SEMANTIC_RELEASE"])
    repository.clone.joinpath("node_modules").symlink_to(modules)
    environment = {
        **repository.environment, "GITLAB_CI": "true", "CI": "true", "CI_COMMIT_REF_NAME": "main", "CI_COMMIT_SHA": repository.head(),
        "CI_PROJECT_ID": PROJECT_ID, "CI_PROJECT_PATH": client.PROJECT, "CI_PROJECT_URL": f"{URL}/{client.PROJECT}",
        "CI_API_V4_URL": f"{URL}/api/v4", "GL_TOKEN": TOKEN,
    }
    for name in ("TOKEN", "READ_TOKEN", "PROJECT_TOKEN", "JOB_TOKEN", "GITHUB_ACTIONS"):
        environment.pop(name, None)
    program = ["node", modules / "semantic-release" / "bin" / "semantic-release.js", "--no-color", "--repository-url", repository.url]
    done = subprocess.run(
        program, cwd=repository.clone, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode, done.stdout


def release_it(folder, text):
    """Releases with packages, and then with uploads."""
    settings = {**json.loads(text), "npm": False}
    repository, files = clone(folder, {"package.json": json.dumps({"name": "hello", "version": "0.9.0"})})
    repository.environment.update(CI="true", GITLAB_TOKEN=TOKEN)
    for tag, increment, uses_packages in (("1.0.0", "major", True), ("1.1.0", "minor", False)):
        settings["gitlab"]["useGenericPackageRepositoryForAssets"] = uses_packages
        repository.commit(f"Release {tag}", {".release-it.json": json.dumps(settings)})
        try:
            run("node", os.environ["RELEASE_IT"], increment, "--ci", cwd=repository.clone, env=repository.environment)
            published(tag, files, paths=False)
        finally:
            forget(tag)


def glab(folder, text):
    """Creates the release with one file, and then adds another to it; the names are those of the example."""
    files = fill(folder / "dist", NAMES)
    same([name in text for name in (f"dist/{NAMES[0]} --use-package-registry", f"dist/{NAMES[1]}#{NAMES[1]}#package")], [True, True])
    first, second = (folder / "dist" / name for name in NAMES)
    run(GO, "glab-create", TAG, first)
    run(GO, "glab-upload", TAG, f"{second}#{second.name}#package")
    found = published(TAG, files)
    same([found[name]["link_type"] for name in NAMES], ["other", "package"])
    same("/v1%2E0%2E0/hello-linux-x64%2Etar%2Egz" in found[NAMES[0]]["url"], True)


def glab_label(folder):
    """The same file without its label clashes with the link that has it, by the path; of a package by the URL, too."""
    fill(folder / "dist", ["f.txt"])
    file = folder / "dist" / "f.txt"
    for what, clashes in (("upload", "Filepath"), ("upload-package", "Url has already been taken, Filepath")):
        run(GO, "glab-create", TAG)
        run(GO, f"glab-{what}", TAG, f"{file}#My label")
        published(TAG, {"My label": content("f.txt")})
        with refused("400", f"{clashes} has already been taken"):
            run(GO, f"glab-{what}", TAG, file)
        same(list(links(TAG)), ["My label"])
        forget(TAG)


def glab_download(folder):
    """The files come back under the links' names."""
    files = fill(folder / "dist", NAMES)
    run(GO, "glab-create", TAG, *(folder / "dist" / name for name in NAMES))
    back = folder / "back"
    back.mkdir()
    run(GO, "glab-download", TAG, back)
    same({file.name: digest(file.read_bytes()) for file in back.iterdir()}, {name: digest(held) for name, held in files.items()})


def goreleaser(folder, text):
    """Publishes packages, as the example says, and uploads, whose links have two slashes; a second run takes the project's word."""
    same("use_package_registry: true" in text, True)
    links_on_conflict("replace")
    try:
        for what in ("goreleaser-package", "goreleaser"):
            for attempt in ("first", "second"):
                files = fill(folder / "dist", NAMES, attempt)
                run(GO, what, TAG, *(folder / "dist" / name for name in files))
                found = published(TAG, files)
            slashes = [f"{URL}//-/project/" in link["url"] for link in found.values()]
            same(slashes, [what == "goreleaser"] * 2)
            forget(TAG)
    finally:
        links_on_conflict("fail")


def links_on_conflict(what):
    """Sets what the project does with a link that is there."""
    same(ROOT.call("PUT", f"/projects/{PROJECT_ID}", {"links_on_conflict": what})[0], 200)


def goreleaser_job_token(folder):
    """With a job's token it publishes packages."""
    files = fill(folder / "dist", NAMES)
    run(GO, "goreleaser-package-job", TAG, *(folder / "dist" / name for name in files))
    published(TAG, files)


def jreleaser_creates(folder, text):
    """Creates a release with uploads."""
    same("gitlab:" in text, True)
    files = fill(folder / "dist", NAMES)
    jreleaser.create(TAG, files)
    published(TAG, files)


def jreleaser_updates(folder):
    """Replaces the files of a release."""
    jreleaser.create(TAG, fill(folder / "dist", NAMES))
    files = fill(folder / "dist", NAMES, "second")
    jreleaser.update(TAG, files)
    published(TAG, files)


def jreleaser_packages(folder, text):
    """Publishes packages with its uploader, and makes links to them."""
    same("uploadLinks:" in text, True)
    files = fill(folder / "dist", NAMES)
    ROOT.create(release(TAG).rpartition("/")[0], tag_name=TAG)
    jreleaser.package(TAG, files)
    published(TAG, files)


def curl_basic(folder):
    """A user name and a token as the password; from a pipe, which has no length."""
    same(curl_puts(folder, ("--user", f"ci:{TOKEN}"), "piped.bin"), content("piped.bin"))


def curl_job_token(folder):
    """A job's token in its own header."""
    same(curl_puts(folder, ("--header", f"JOB-TOKEN: {JOB_TOKEN}"), "job.bin"), content("job.bin"))


def curl_puts(folder, credential, name):
    """What is there after curl put a file that it reads from a pipe."""
    fill(folder / "dist", [name])
    address = f"{PACKAGES}/curl/1.0.0/{name}"
    command = ("curl", "-sS", "--fail-with-body", *credential)
    with (folder / "dist" / name).open("rb") as piped:
        done = subprocess.run([*command, "--upload-file", "-", address], stdin=piped, capture_output=True, check=True, text=True)
    same(json.loads(done.stdout), {"message": "201 Created"})
    return subprocess.run([*command, address], capture_output=True, check=True).stdout


def python_gitlab(folder):
    """The library's own download, what it tells of a file, and its uploads."""
    files = fill(folder / "dist", NAMES)
    project = gitlab.Gitlab(URL, private_token=TOKEN).projects.get(PROJECT_ID)
    for name, held in files.items():
        kept = project.generic_packages.upload("python", "1.0.0", name, path=folder / "dist" / name, select="package_file")
        same((kept.size, f"sha256:{kept.file_sha256}"), (len(held), digest(held)))
        same(fetched(kept.file["url"]), (digest(held), digest(held)))
        same(digest(project.generic_packages.download("python", "1.0.0", name)), digest(held))
    (package,) = project.packages.list(package_name="python", get_all=True)
    same([file.file_name for file in package.package_files.list(get_all=True)], list(files))
    package.delete()
    same(ROOT.call("GET", f"/projects/{PROJECT_ID}/packages/generic/python/1.0.0/{NAMES[0]}")[0], 404)
    uploaded = project.upload(NAMES[0], filepath=folder / "dist" / NAMES[0])
    same(uploaded["alt"], NAMES[0])
    same(fetched(f"{URL}/{client.PROJECT}{uploaded['url']}"), (digest(files[NAMES[0]]),) * 2)


def gitbeaker(folder):
    """Its own way to publish packages sends a form, which is kept as it was sent."""
    fill(folder / "dist", ["form.bin"])
    script = """
        const { openAsBlob } = require('node:fs');
        const { Gitlab } = require('@gitbeaker/rest');
        const api = new Gitlab({ host: process.env.URL, token: process.env.TOKEN });
        const name = [process.env.PROJECT_ID, 'gitbeaker', '1.0.0'];
        openAsBlob('dist/form.bin')
          .then((content) => api.PackageRegistry.publish(...name, { content, filename: 'form.bin' }))
          .then(() => api.PackageRegistry.download(...name, 'form.bin'))
          .then((kept) => kept.arrayBuffer())
          .then((bytes) => process.stdout.write(Buffer.from(bytes)));
    """
    done = subprocess.run(["node", "-e", script], cwd=folder, capture_output=True, check=True)
    same(done.stdout.startswith(b"--") and b'filename="form.bin"' in done.stdout, True)
    same(done.stdout.partition(b"\r\n\r\n")[2].startswith(content("form.bin")), True)


def clone(folder, settings):
    """A repository with these settings and the files in `dist`, which are not committed; and the files."""
    repository = git.Repository(folder, client.PROJECT, {"hello.txt": "hello\n"})
    pathlib.Path(repository.clone, ".git", "info", "exclude").write_text("node_modules\ndist\n")
    repository.commit("feat: publish", settings)
    repository.git("push", "--quiet")
    return repository, fill(repository.clone / "dist", NAMES)


EXAMPLES = {
    "example-curl-1": runs_twice("sh"), "example-python-1": runs_twice("python"), "example-gitbeaker-1": runs_twice("js"),
    "example-semantic-1": semantic_release, "example-release-1": release_it, "example-glab-1": glab, "example-goreleaser-1": goreleaser,
    "example-jreleaser-1": jreleaser_creates, "example-jreleaser-2": jreleaser_packages,
}
CHECKS = {
    "curl-basic": curl_basic, "curl-job-token": curl_job_token, "python-gitlab": python_gitlab, "gitbeaker": gitbeaker,
    "semantic-release-again": semantic_release_again, "glab-label": glab_label, "glab-download": glab_download,
    "goreleaser-job-token": goreleaser_job_token, "jreleaser-update": jreleaser_updates,
}
main()
