"""uscan, of Debian's devscripts: watch files that read the API's list of releases, and the page for people."""

STEPS = ("report", "page", "download", "up-to-date")


def install(packages):
    return packages.apt("devscripts", "libwww-perl")


def command(packages):
    return [packages.python, "driver.py"]
