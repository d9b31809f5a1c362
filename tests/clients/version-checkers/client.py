"""nvchecker and lastversion: the newest version by releases and by tags."""

PACKAGES = ("nvchecker==2.22", "lastversion==3.6.19")
STEPS = [
    f"{step}-{visibility}" for visibility in ("public", "private")
    for step in ("nvchecker-tags", "nvchecker-releases", "nvchecker-latest", "lastversion", "lastversion-assets", "lastversion-pre")
]


def install(packages):
    packages.pip("version-checkers", *PACKAGES)
    return f"{', '.join(PACKAGES)}, {packages.apt('openssl')}"


def command(packages):
    return [packages.pip("version-checkers", *PACKAGES), "driver.py"]
