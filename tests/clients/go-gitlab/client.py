"""go-gitlab, as Debian ships it."""

import script

STEPS = script.steps("repeat")


def install(packages):
    return packages.apt("golang-go", "golang-github-xanzy-go-gitlab-dev")


def command(packages):
    settings = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": packages.folder / "go-cache"}
    return ["env", *(f"{key}={value}" for key, value in settings.items()), "go", "run", "driver.go"]


def releases(facts):
    return {**script.final_releases(), **script.repeated_release()}
