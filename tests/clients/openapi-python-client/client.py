"""The Python client that openapi-python-client generates from docs/openapi.json."""

import pathlib
import subprocess

import script

STEPS = script.steps("tokens")
PACKAGES = ("openapi-python-client==0.29.1", "httpx==0.28.1", "attrs==26.1.0")
CONFIG = pathlib.Path(__file__).resolve().with_name("config.yml")
DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "openapi.json"


def install(packages):
    python = pathlib.Path(packages.pip("openapi-python-client", *PACKAGES))
    generate = [
        python.with_name("openapi-python-client"), "generate", "--path", DOCUMENT, "--config", CONFIG,
        "--output-path", generated(packages), "--overwrite", "--meta", "none", "--fail-on-warning",
    ]
    subprocess.run(generate, check=True, env={"PATH": str(python.parent)})
    return PACKAGES[0]


def generated(packages):
    """The package that was generated."""
    return packages.folder / "openapi-python-client" / "generated" / "release_links_client"


def command(packages):
    python = packages.pip("openapi-python-client", *PACKAGES)
    return [python, "driver.py", generated(packages).parent]


def releases(facts):
    return script.final_releases()
