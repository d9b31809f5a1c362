"""Every means of authentication, and what is none."""

import os
import urllib.parse

from adapter import TOKEN, expect, links_of, releases_of
from curl import curl, decoded, header
from script import same, step

PROJECT = os.environ["PROJECT_ID"]
LINKS = links_of(PROJECT, "credentials")
API_TOKEN, READ, OWN, JOB = (os.environ[name] for name in ("TOKEN", "READ_TOKEN", "PROJECT_TOKEN", "JOB_TOKEN"))
HIDDEN = (404, {"message": "404 Project Not Found"})
UNAUTHORIZED = (401, {"message": "401 Unauthorized"})

# By step: options, a query, and whether the server gave such a token.
MEANS = {
    "private-token-header": (header(API_TOKEN), "", API_TOKEN),
    "private-token-query": ((), f"?private_token={API_TOKEN}", API_TOKEN),
    "private-token-body": (("--data-urlencode", f"private_token={API_TOKEN}"), "", API_TOKEN),
    "bearer": (header(f"Bearer {API_TOKEN}", "Authorization"), "", API_TOKEN),
    "access-token-query": ((), f"?access_token={API_TOKEN}", API_TOKEN),
    "project-token": (header(OWN), "", OWN),
    "job-token-header": (header(JOB, "JOB-TOKEN"), "", JOB),
    "job-token-query": ((), f"?job_token={JOB}", JOB),
    "job-token-bearer": (header(f"Bearer {JOB}", "authorization"), "", JOB),
}


def run():
    expect(201, curl(releases_of(PROJECT), *TOKEN, "--data", "tag_name=credentials"))
    for name, (options, query, token) in MEANS.items():
        with step(name):
            same(bool(token), True)
            form = urllib.parse.urlencode({"name": name, "url": f"https://downloads.example.com/{name}"})
            same(expect(201, curl(f"{LINKS}{query}", *options, "--data", form))["name"], name)
    refusals()


def refusals():
    strangers = {
        "anonymous": ((), HIDDEN),
        "basic": (("--user", f"robin:{API_TOKEN}"), HIDDEN),
        "deploy-token": (header(API_TOKEN, "DEPLOY-TOKEN"), HIDDEN),
        "empty-token": (("--header", "PRIVATE-TOKEN;"), HIDDEN),
        "unknown-token": (header("glpat-nobody-has-this-one"), UNAUTHORIZED),
    }
    for name, (options, expected) in strangers.items():
        with step(name):
            answer = curl(LINKS, *options)
            same((answer.status, decoded(answer)), expected)
    with step("read-token"):
        same(curl(LINKS, *header(READ)).status, 200)
        answer = curl(LINKS, *header(READ), "--data", "name=a&url=https://downloads.example.com/read")
        same((answer.status, decoded(answer)["error"]), (403, "insufficient_scope"))
