"""gitbeaker's library from npm."""

import script

STEPS = script.steps("show-latest", "download", "download-latest", "release-edit", "job-token")
PACKAGES = ("@gitbeaker/rest@43.8.0", "@gitbeaker/cli@43.8.0")


def install(packages):
    packages.node()
    packages.npm("gitbeaker", *PACKAGES)
    return PACKAGES[0]


def command(packages):
    modules = packages.npm("gitbeaker", *PACKAGES) / "node_modules"
    return ["env", f"NODE_PATH={modules}", packages.node(), "driver.cjs"]


def releases(facts):
    expected = script.final_releases()
    expected["v2.0.0"] = {
        "name": "Second",
        "description": "Edited notes",
        "links": [script.link("tool", f"{facts['TARGET_URL']}/tool.tar.gz", "package", "/bin/nested/tool")],
    }
    return expected
