"""gitbeaker's command from npm."""

import script

STEPS = script.steps()
PACKAGES = ("@gitbeaker/rest@43.8.0", "@gitbeaker/cli@43.8.0")


def install(packages):
    packages.node()
    packages.npm("gitbeaker", *PACKAGES)
    return PACKAGES[1]


def command(packages):
    program = packages.npm("gitbeaker", *PACKAGES) / "node_modules" / "@gitbeaker" / "cli" / "dist" / "index.mjs"
    return [packages.python, "driver.py", packages.node(), program]


def releases(facts):
    return script.final_releases()
