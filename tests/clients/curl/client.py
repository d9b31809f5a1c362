"""curl: the common script, every encoding of a body, every means of authentication, and the permanent links."""

import script

ENCODINGS = (
    "query", "form", "multipart", "multipart-with-empty-part", "json", "no-content-type", "nested-form",
    "body-over-query", "plus-and-unicode", "empty-json-on-delete",
)
REFUSED_BODIES = ("text-plain", "broken-json", "json-array", "too-large")
CREDENTIALS = (
    "private-token-header", "private-token-query", "private-token-body", "bearer", "access-token-query",
    "project-token", "job-token-header", "job-token-query", "job-token-bearer",
)
NO_CREDENTIALS = ("anonymous", "basic", "deploy-token", "unknown-token", "empty-token", "read-token")
HTTP = ("head", "etag", "wrong-verb", "no-route", "address-forms", "headers", "link-header", "plus-in-path")
FOLLOW = (
    "follow-web", "follow-api", "follow-latest-web", "follow-latest-api", "follow-query-token", "follow-head",
    "follow-nothing",
)
STEPS = script.steps(*ENCODINGS, *REFUSED_BODIES, *CREDENTIALS, *NO_CREDENTIALS, *HTTP, *FOLLOW)


def install(packages):
    packages.command("curl", "curl")
    return packages.apt("curl")


def command(packages):
    return [packages.python, "driver.py"]


def releases(facts):
    place = "https://downloads.example.com"
    expected = script.final_releases()
    expected["encodings"] = {
        "links": [
            script.link("ünï + côde", f"{place}/a+b c", "other"),
            script.link("from body", f"{place}/body-over-query"),
            script.link("bare", f"{place}/bare", "runbook", "/files/bare"),
            script.link("json", f"{place}/json", "runbook", "/files/json"),
            script.link("with-empty-part", f"{place}/with-empty-part", "runbook", "/files/with-empty-part"),
            script.link("multipart", f"{place}/multipart", "runbook", "/files/multipart"),
            script.link("form", f"{place}/form", "runbook", "/files/form"),
            script.link("query", f"{place}/query", "runbook", "/files/query"),
        ]
    }
    expected["nested"] = {
        "name": "Nested",
        "links": [
            script.link("second", f"{place}/second", "image"),
            script.link("first", f"{place}/first", "other", "/files/first"),
        ],
    }
    expected["credentials"] = {
        "links": [script.link(name, f"{place}/{name}") for name in reversed(CREDENTIALS)]
    }
    expected["follow"] = {
        "links": [script.link("tool", f"{facts['TARGET_URL']}/tool.tar.gz", "package", "/bin/tool.tar.gz")]
    }
    return expected
