"""mise: a tool from its gitlab backend, newest, newest of a line, and pinned, checked against a link called SHA256SUMS: a file elsewhere, then the server's own."""

PACKAGE = "@jdxcode/mise-linux-x64@2026.9.15"
STEPS = [
    *(
        f"{step}-{visibility}"
        for visibility in ("public", "private") for step in ("latest", "line", "pinned", "changed", "generated", "changed-generated")
    ),
    "trailing-slash",
]


def install(packages):
    packages.npm("mise", PACKAGE)
    return PACKAGE


def command(packages):
    modules = packages.npm("mise", PACKAGE) / "node_modules"
    return [packages.python, "driver.py", modules / PACKAGE.rpartition("@")[0] / "bin" / "mise"]
