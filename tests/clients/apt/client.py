"""apt: a repository whose files lie behind permanent links; the machine's own apt is left alone."""

STEPS = [f"{step}-{visibility}" for visibility in ("public", "private") for step in ("update", "download", "unchanged")]


def install(packages):
    return packages.apt("apt", "dpkg")


def command(packages):
    return [packages.python, "driver.py"]
