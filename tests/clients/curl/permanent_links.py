"""The permanent links, followed to a target that must not see a credential.

curl drops `Authorization` when a redirect leads to another host and passes every other header on, so only that is sent
where it follows one.
"""

import os

from adapter import TOKEN, expect, releases_of
from curl import curl, header
from script import same, step

PROJECT, PATH, TARGET = (os.environ[name] for name in ("PROJECT_ID", "PROJECT_PATH", "TARGET_URL"))
API_TOKEN = os.environ["TOKEN"]
BEARER = header(f"Bearer {API_TOKEN}", "Authorization")
FILE = "downloads/bin/tool.tar.gz"
ADDRESSES = {
    "follow-web": f"/{PATH}/-/releases/follow/{FILE}",
    "follow-api": f"{releases_of(PROJECT, 'follow')}/{FILE}",
    "follow-latest-web": f"/{PATH}/-/releases/permalink/latest/{FILE}",
    "follow-latest-api": f"{releases_of(PROJECT)}/permalink/latest/{FILE}",
}


def run():
    form = (
        "tag_name=follow", "assets[links][][name]=tool", f"assets[links][][url]={TARGET}/tool.tar.gz",
        "assets[links][][direct_asset_path]=/bin/tool.tar.gz", "assets[links][][link_type]=package",
    )
    expect(201, curl(releases_of(PROJECT), *TOKEN, *(part for pair in form for part in ("--data", pair))))
    for name, address in ADDRESSES.items():
        with step(name):
            redirect = curl(address, *BEARER)
            same((redirect.status, redirect.headers.get("location")), (302, f"{TARGET}/tool.tar.gz"))
            same(redirect.headers.get("referrer-policy"), "no-referrer")
            same("set-cookie" in redirect.headers, False)
            followed = curl(address, *BEARER, "--location", "--max-redirs", "1")
            same((followed.status, followed.text), (200, "payload of /tool.tar.gz"))
    with step("follow-query-token"):
        for address in ADDRESSES.values():
            followed = curl(f"{address}?private_token={API_TOKEN}", "--location")
            same((followed.status, followed.text), (200, "payload of /tool.tar.gz"))
    with step("follow-head"):
        for address in ADDRESSES.values():
            redirect = curl(address, *BEARER, "--head")
            same((redirect.status, redirect.headers.get("location")), (302, f"{TARGET}/tool.tar.gz"))
    with step("follow-nothing"):
        for address in ADDRESSES.values():
            same(curl(f"{address}.sig", *BEARER).status, 404)
            same(curl(address).status, 404)
