"""The TypeScript client that openapi-typescript generates from docs/openapi.json for openapi-fetch. The compiler must accept the driver."""

import pathlib
import subprocess

import script

STEPS = script.steps("anonymous")
PACKAGES = ("openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3", "@types/node@20.19.0")
HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parents[2] / "docs" / "openapi.json"


def install(packages):
    node = packages.node()
    folder = packages.npm("openapi-fetch", *PACKAGES)
    programs = folder / "node_modules"
    folder.joinpath("driver.mts").write_text(HERE.joinpath("driver.mts").read_text())
    generate = [node, programs / "openapi-typescript" / "bin" / "cli.js", DOCUMENT, "--output", "schema.d.ts"]
    # What has a default need not be sent.
    run(folder, [*generate, "--default-non-nullable", "false"])
    compiler = [node, programs / "typescript" / "bin" / "tsc", "--strict", "--target", "es2022", "--module", "nodenext"]
    run(folder, [*compiler, "--skipLibCheck", "driver.mts"])
    return PACKAGES[0]


def run(folder, command):
    """Runs a step of the build, whose words are the reason if it fails."""
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stdout)


def command(packages):
    return [packages.node(), packages.npm("openapi-fetch", *PACKAGES) / "driver.mjs"]


def releases(facts):
    return script.final_releases()
