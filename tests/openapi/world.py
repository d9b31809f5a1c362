"""Fills a server with enough of everything that the requests of one kind of caller find something, even after deletions."""

import api

# How many groups there are, each with a project; and how many users, each with a token.
SIZE = 40
GUEST, MAINTAINER = 10, 40
SHA = "0123456789abcdef0123456789abcdef01234567"
CALLERS = ("administrator", "maintainer", "project-token", "reader", "guest", "job-token", "anonymous")


def make(url, root_token, caller):
    """Makes everything; returns what there is to ask for, the caller's headers, and a token that may be revoked."""
    root = api.Api(url, root_token)
    users = [person(root, f"user-{number}") for number in range(SIZE)]
    me = person(root, "me", admin=caller == "administrator")
    level = GUEST if caller == "guest" else MAINTAINER
    projects, groups = [], []
    for number, user in enumerate(users):
        group = root.create("/groups", name=f"group-{number}", path=f"group-{number}", visibility="public")["id"]
        project = project_of(root, number, group, user)
        for place in (f"/groups/{group}", f"/projects/{project['id']}"):
            root.create(f"{place}/members", user_id=me, access_level=level)
            root.create(f"{place}/members", user_id=user, access_level=MAINTAINER)
        groups.append({"id": group, "user_id": user})
        projects.append(project)
    header = credential(root, caller, me, projects[0]["id"])
    projects_by_number = [dict(project) for project in projects]
    # Some are asked for by their path.
    for number in range(1, SIZE, 10):
        projects[number]["id"] = f"group-{number}%2Fproject-{number}"
    if caller in ("project-token", "job-token"):
        # Every other request is about the project that the token belongs to.
        projects = projects[:2]
    owner = me if caller == "maintainer" else users[0]
    tokens = [{"id": root.create(f"/users/{owner}/personal_access_tokens", name="spare", scopes=["api"])["id"]} for _ in users]
    on_the_web = [{**project, "id": f"group-{number}/project-{number}"} for number, project in enumerate(projects)]
    world = {
        "projects": projects, "projects_by_number": projects_by_number, "on_the_web": on_the_web, "groups": groups, "tokens": tokens,
        "users": [{"id": user, "user_id": user} for user in users],
    }
    return world, header, api.personal_token(root, users[0], ["api"])


def person(root, name, **more):
    """The id of a new user."""
    return root.create("/users", username=name, name=name, email=f"{name}@example.com", **more)["id"]


def project_of(root, number, group, user):
    """A project with releases, links, a tag without a release, a channel, a rule and a token: the parameters of paths that find them."""
    visibility = ("public", "internal", "private")[number % 3]
    made = root.create("/projects", name=f"project-{number}", namespace_id=group, visibility=visibility)
    project = f"/projects/{made['id']}"
    for tag in ("v1.0.0", "gone"):
        links = [
            {"name": name, "url": f"https://example.com/{tag}/{name}", "direct_asset_path": f"/bin/{name}"}
            for name in ("linux", "macos")
        ]
        release = root.create(f"{project}/releases", tag_name=tag, ref=SHA, description="Notes", assets={"links": links})
        if tag == "gone":
            root.call("DELETE", f"{project}/releases/{tag}")
        else:
            link = release["assets"]["links"][0]["id"]
    root.create(f"{project}/releases", tag_name="frozen")
    root.call("PUT", f"{project}/release_channels/stable", {"tag_name": "v1.0.0"})
    root.call("PUT", f"{project}/packages/generic/hello/1.0/file", {})
    upload = root.upload(f"{project}/uploads", "app.zip", b"bytes")
    root.create(f"{project}/protected_tags", name="protected-*")
    token = root.create(f"{project}/access_tokens", name="deploy", scopes=["api"], access_level=MAINTAINER)["id"]
    return {
        "id": made["id"], "tag_name": "gone" if number % 8 == 7 else "v1.0.0",
        "link_id": link, "user_id": user, "name": "protected-*", "token_id": token, "direct_asset_path": "bin/linux",
        "upload": {"upload_id": upload["id"], "secret": upload["url"].split("/")[2], "file": "app.zip"},
    }


def credential(root, caller, me, project):
    """The header with the caller's token."""
    match caller:
        case "anonymous":
            return {}
        case "job-token":
            return {"JOB-TOKEN": root.create(f"/projects/{project}/job_tokens", user_id=me)["token"]}
        case "project-token":
            body = {"name": "ci", "scopes": ["api"], "access_level": MAINTAINER}
            return {"PRIVATE-TOKEN": root.create(f"/projects/{project}/access_tokens", **body)["token"]}
        case "reader":
            return {"PRIVATE-TOKEN": api.personal_token(root, me, ["read_api"])}
        case _:
            return {"PRIVATE-TOKEN": api.personal_token(root, me, ["api"])}
