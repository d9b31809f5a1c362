"""Fills a server with projects and releases as they are found, and with some that mean harm."""

import hashlib

import api

HOSTILE = "\"><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">'{{7*7}}\x1b[31m"
NOTES = """Faster downloads, and signatures for everything.

## Highlights

- **Resumable downloads**: an interrupted download goes on where it stopped ([#412](https://example.com/412)).
- `widget verify` checks signatures offline.
- The image for `arm64` is a third smaller.

## Upgrading

1. Stop the service.
2. Replace the binary.
3. Run `widget migrate --yes`.

```sh
widget migrate --yes && systemctl restart widget
```

| Database | Supported |
|---|---|
| PostgreSQL 13 to 17 | yes |
| SQLite | yes, for one server |

> The format of backups has changed: an older version cannot read them.

Thanks to everybody who reported bugs. ~~Version 1.x~~ is no longer maintained.
"""
PROJECTS = [
    ("widget", "Widget", "Keeps widgets in sync between machines.\nOne binary, no dependencies."),
    ("gauge", "Gauge", "Draws what Prometheus knows, in a terminal."),
    ("ledger", "Ledger", None),
    ("mirror", "Mirror", "Mirrors package registries for machines without a network."),
]
TARGETS = ("linux-amd64", "linux-arm64", "darwin-arm64", "windows-amd64.exe")


def make(url, root_token, target, content):
    """Makes everything; returns the pages to look at by name, and the addresses of the feed and the badge."""
    root = api.Api(url, root_token)
    robin = root.create("/users", username="robin", name="Robin Doe", email="robin@example.com")["id"]
    token = api.personal_token(root, robin, ["api"])
    group = root.create("/groups", name="Acme", path="acme", visibility="public")["id"]
    root.create(f"/groups/{group}/members", user_id=robin, access_level=40)
    made = {}
    for path, name, description in PROJECTS:
        project = root.create(
            "/projects", name=name, path=path, namespace_id=group, visibility="public", description=description
        )
        made[path] = project["id"]
    for number in range(20):
        root.create("/projects", name=f"Sensor {number}", path=f"sensor-{number:02}", namespace_id=group, visibility="public")
    for number in range(1, 23):
        release(api.Api(url, token), made["widget"], f"v1.{number}.0", f"2024-{number % 12 + 1:02}-10", target, content)
    robins = api.Api(url, token)
    release(robins, made["widget"], "v2.0.0", "2026-03-02T10:00:00Z", target, content, name="Widget 2.0", description=NOTES)
    release(robins, made["widget"], "v3.0.0-rc.1", "2999-01-01", target, content)
    frozen = f"/projects/{made['widget']}/releases/v2.0.0"
    api.Api(url, token).call("PUT", f"{frozen}/immutable")
    root.call("PUT", f"{frozen}", {"description": NOTES.replace("Thanks", "Many thanks")})
    root.call("PUT", f"/projects/{made['widget']}/release_channels/stable", {"tag_name": "v2.0.0"})
    changes(root, f"/projects/{made['widget']}/releases/v1.22.0/assets/links")
    hostile(root, made["ledger"], target)
    at = f"{url}/acme"
    hostile_tag = api.urllib.parse.quote("v1-" + HOSTILE[:40].replace("/", ""), safe="")
    pages = {
        "start": f"{url}/",
        "start-second": f"{url}/?page=2",
        "start-found": f"{url}/?search=mirr",
        "start-nothing": f"{url}/?search=%22%3E%3Cscript%3E",
        "releases": f"{at}/widget",
        "releases-last": f"{at}/widget/-/releases?page=2",
        "releases-none": f"{at}/gauge/-/releases",
        "releases-hostile": f"{at}/ledger/-/releases",
        "release": f"{at}/widget/-/releases/v2.0.0",
        "release-upcoming": f"{at}/widget/-/releases/v3.0.0-rc.1",
        "release-hostile": f"{at}/ledger/-/releases/{hostile_tag}",
        "history": f"{at}/widget/-/releases/v2.0.0/history",
        "history-first": f"{at}/widget/-/releases/v1.22.0/history",
        "history-last": f"{at}/widget/-/releases/v1.22.0/history?page=2",
        "history-moment": f"{at}/widget/-/releases/v2.0.0/history?path=/bin/widget-linux-amd64&at=2999-01-01",
        "history-hostile": f"{at}/ledger/-/releases/{hostile_tag}/history",
        "absent": f"{at}/nothing/-/releases/v1",
    }
    return pages, [f"{at}/{project}/-/releases.atom" for project in made], f"{at}/widget/-/badges/release.svg"


def release(caller, project, tag, date, target, content, **more):
    """A release with links of each kind, one of them to a file that is there."""
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    links = [
        {"name": f"widget-{tag}-{system}", "url": f"{target}/{tag}/{system}", "direct_asset_path": f"/bin/widget-{system}",
         "link_type": "package", "digest": digest, "size": len(content)}
        for system in TARGETS
    ]
    links += [
        {"name": "Container image", "url": f"https://registry.example.com/acme/widget:{tag}", "link_type": "image"},
        {"name": "Upgrade runbook", "url": "https://wiki.example.com/widget/upgrade", "link_type": "runbook"},
        {"name": "Source", "url": f"https://git.example.com/acme/widget/archive/{tag}.tar.gz", "size": 4_823_449,
         "direct_asset_path": f"/widget-{tag}.tar.gz"},
    ]
    caller.create(f"/projects/{project}/releases", tag_name=tag, released_at=date, assets={"links": links}, **more)


def changes(caller, links):
    """A history of more than one page: a link that changes often, and goes."""
    made = caller.create(links, name="Nightly", url="https://example.com/0", direct_asset_path="/nightly")["id"]
    for number in range(1, 20):
        caller.call("PUT", f"{links}/{made}", {"url": f"https://example.com/{'long/' * number}{number}", "name": f"Nightly {number}"})
    caller.call("DELETE", f"{links}/{made}")


def hostile(caller, project, target):
    """A release whose every text tries to be more than text."""
    links = [
        {"name": HOSTILE, "url": f"{target}/\"onmouseover=\"document.title='owned'"},
        {"name": "x" * 255, "url": f"https://example.com/{'y' * 1000}", "link_type": "package"},
        {"name": "مرحبا \u202egpj.exe", "url": f"{target}/a", "direct_asset_path": "/a.jpg", "link_type": "image"},
    ]
    text = f"{HOSTILE}\n\n[a](javascript:document.title='owned') ![b](https://elsewhere.example/b.png)\n\n<iframe src=//elsewhere.example></iframe>"
    tag = "v1-" + HOSTILE[:40].replace("/", "")
    caller.create(
        f"/projects/{project}/releases", tag_name=tag, name=HOSTILE, description=text, assets={"links": links},
    )
