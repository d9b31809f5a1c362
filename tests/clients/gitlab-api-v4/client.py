"""The `gitlab-api-v4` command of Perl's GitLab::API::v4, as Debian ships it."""

import script

STEPS = script.steps()


def install(packages):
    return packages.apt("libgitlab-api-v4-perl")


def command(packages):
    return [packages.python, "driver.py"]


def releases(facts):
    return script.final_releases()
