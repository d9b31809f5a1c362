"""Installers and downloaders of files that the server keeps: pip, uv, apt, helm, mise, curl, wget and aria2, by the files' own addresses and by
permanent links, with the token as the password of HTTP Basic where the project is private. helm runs as the library that the command is made of."""

PACKAGES = ("pip==26.3", "uv==0.13.9", "helm-python-sdk==0.2.2")
MISE = "@jdxcode/mise-linux-x64@2026.9.15"
WAYS = (
    *(f"{tool}-{way}" for tool in ("pip", "uv") for way in ("direct", "page", "index", "changed")),
    *(f"{tool}-{way}" for tool in ("apt", "helm") for way in ("package", "links")),
    "mise", "mise-changed", "curl", "wget", "wget-continue", "aria2", "aria2-continue",
)
STEPS = [f"{way}-{visibility}" for visibility in ("public", "private") for way in WAYS]


def install(packages):
    debian = packages.apt("apt", "dpkg", "curl", "wget", "aria2")
    packages.pip("file-installers", *PACKAGES)
    packages.npm("mise", MISE)
    return ", ".join((debian, *PACKAGES, MISE))


def command(packages):
    mise = packages.npm("mise", MISE) / "node_modules" / MISE.rpartition("@")[0] / "bin" / "mise"
    return [packages.pip("file-installers", *PACKAGES), "driver.py", mise]
