"""python-gitlab as Debian ships it: an older version, which knows a link's path as `filepath` alone."""

import script

STEPS = script.steps("iterator", "no-description")


def install(packages):
    return packages.apt("python3-gitlab")


def command(packages):
    return ["/usr/bin/python3", "driver.py"]


def releases(facts):
    return script.final_releases()
