"""uscan, of Debian's devscripts: a watch file that reads the API's list of releases."""

STEPS = ("report", "download", "up-to-date")


def install(packages):
    return packages.apt("devscripts", "libwww-perl")


def command(packages):
    return [packages.python, "driver.py"]
