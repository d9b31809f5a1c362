"""electron-updater: its gitlab provider, with node's requests in place of Electron's."""

import tls

PACKAGES = ("electron-updater@6.8.10", "builder-util@26.16.0")
STEPS = [f"{step}-{visibility}" for visibility in ("public", "private") for step in ("update", "up-to-date", "wrong-sum")]
# Else the redirect of the newest release would lead to another host, and the token would stay behind.
SERVER_OPTIONS = ("--external-url", f"https://{tls.HOST}")


def install(packages):
    packages.node()
    packages.npm("electron-updater", *PACKAGES)
    return f"{', '.join(PACKAGES)}, {packages.apt('openssl')}"


def command(packages):
    modules = packages.npm("electron-updater", *PACKAGES) / "node_modules"
    return ["env", f"NODE={packages.node()}", f"NODE_PATH={modules}", packages.python, "driver.py"]
