"""npm, pnpm and yarn: a tarball by its permanent link, and again by the lock file."""

PACKAGES = ("npm@11.19.1", "pnpm@10.34.8", "yarn@1.22.22", "@yarnpkg/cli-dist@4.18.1")
# Yarn 4 sends a token to registries only.
TOOLS = {"public": ("npm", "pnpm", "yarn-1", "yarn-4"), "private": ("npm", "pnpm", "yarn-1")}
STEPS = [
    f"{tool}-{step}-{visibility}" for visibility, tools in TOOLS.items() for tool in tools for step in ("add", "locked")
]


def install(packages):
    packages.node()
    packages.npm("javascript-installers", *PACKAGES)
    return ", ".join(PACKAGES)


def command(packages):
    modules = packages.npm("javascript-installers", *PACKAGES) / "node_modules"
    return ["env", f"NODE={packages.node()}", f"MODULES={modules}", packages.python, "driver.py"]
