"""The gitlab gem, as Debian ships it."""

import script

STEPS = script.steps(*(f"{form}/raw-slash" for form in script.FORMS), "repeat")


def install(packages):
    return packages.apt("ruby-gitlab")


def command(packages):
    return ["/usr/bin/ruby", "driver.rb"]


def releases(facts):
    return {**script.final_releases(), **script.repeated_release()}
