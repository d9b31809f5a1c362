"""Provisions a whole team with python-gitlab's ordinary calls, and lets its members do what their roles allow."""

import gitlab
from script import same


def provision(url, administrator_token):
    """A group with a project, three members of rising role, tokens for each, and a protected tag."""
    root = gitlab.Gitlab(url, private_token=administrator_token)
    root.auth()
    same(root.user.username, "root")
    people = {name: person(root, name) for name in ("reader", "writer", "keeper")}
    group = root.groups.create({"name": "Team", "path": "team"})
    below = root.groups.create({"name": "Tools", "path": "tools", "parent_id": group.id})
    same(below.full_path, "team/tools")
    project = root.projects.create({"name": "Kit", "namespace_id": below.id, "visibility": "private"})
    group.members.create({"user_id": people["reader"].id, "access_level": gitlab.const.AccessLevel.GUEST})
    project.members.create({"user_id": people["writer"].id, "access_level": gitlab.const.AccessLevel.DEVELOPER})
    project.members.create({"user_id": people["keeper"].id, "access_level": gitlab.const.AccessLevel.MAINTAINER})
    levels = {member.username: member.access_level for member in project.members_all.list(get_all=True)}
    same(levels, {"root": 50, "reader": 10, "writer": 30, "keeper": 40})
    project.protectedtags.create({"name": "v*", "create_access_level": "40"})
    same([rule.name for rule in project.protectedtags.list(get_all=True)], ["v*"])
    bot = project.access_tokens.create({"name": "deploy", "scopes": ["api"], "access_level": 40})
    tokens = {name: access(user) for name, user in people.items()}
    path = project.path_with_namespace

    releases(url, tokens["keeper"], path).create({"tag_name": "v1", "name": "One"})
    releases(url, bot.token, path).create({"tag_name": "v2", "name": "Two"})
    releases(url, tokens["writer"], path).create({"tag_name": "nightly", "name": "Nightly"})
    refused(403, lambda: releases(url, tokens["writer"], path).create({"tag_name": "v3", "name": "Three"}))
    same([release.tag_name for release in releases(url, tokens["reader"], path).list()], ["nightly", "v2", "v1"])
    refused(403, lambda: releases(url, tokens["reader"], path).create({"tag_name": "mine", "name": "Mine"}))

    project.members.delete(people["writer"].id)
    refused(404, lambda: releases(url, tokens["writer"], path).list())
    group.delete()
    refused(404, lambda: root.projects.get(path))
    for user in people.values():
        user.delete()
    refused(401, lambda: releases(url, tokens["keeper"], path).list())


def arrange(url, administrator_token):
    """Descriptions, what a group or user contains, a transfer, filters, and acting as another user."""
    root = gitlab.Gitlab(url, private_token=administrator_token)
    root.auth()
    dev = person(root, "dev")
    top = root.groups.create({"name": "Top", "path": "top", "description": "All of it"})
    below = root.groups.create({"name": "Below", "path": "below", "parent_id": top.id})
    other = root.groups.create({"name": "Other", "path": "other"})
    same(root.groups.get(top.id).description, "All of it")
    same([group.full_path for group in top.subgroups.list(get_all=True)], ["top/below"])
    project = root.projects.create({"name": "Kit", "namespace_id": below.id, "description": "Old", "topics": ["tools"]})
    project.description = "New"
    project.save()
    same((root.projects.get(project.id).description, root.projects.get(project.id).topics), ("New", ["tools"]))
    same([found.id for found in top.projects.list(get_all=True)], [])
    same([found.id for found in top.projects.list(include_subgroups=True, get_all=True)], [project.id])
    other.transfer(top.id)
    same(root.groups.get(other.id).full_path, "top/other")
    other.transfer()
    same(root.groups.get(other.id).full_path, "other")

    scopes = {"name": "stand-in", "scopes": ["api", "sudo"], "description": "Acts for others"}
    token = root.users.get(root.user.id).personal_access_tokens.create(scopes)
    same(token.description, "Acts for others")
    own = gitlab.Gitlab(url, private_token=token.token).projects.create({"name": "own"}, sudo="dev")
    same(own.path_with_namespace, "dev/own")
    same([found.id for found in dev.projects.list(get_all=True)], [own.id])

    same([user.id for user in root.users.list(username="DEV", get_all=True)], [dev.id])
    same([found.id for found in root.projects.list(topic="tools", get_all=True)], [project.id])
    same([user.username for user in project.members_all.list(query="roo", get_all=True)], ["root"])
    refused(400, lambda: root.projects.list(starred=True))
    for tag in ("v1.10.0", "v1.9.1"):
        project.releases.create({"tag_name": tag})
    same([tag.name for tag in project.tags.list(order_by="version", get_all=True)], ["v1.10.0", "v1.9.1"])
    for group in (top, other):
        group.delete()
    dev.delete()


def person(root, name):
    """A new user."""
    return root.users.create({"username": name, "name": name.title(), "email": f"{name}@example.com"})


def access(user):
    """A token that the user could write with."""
    return user.personal_access_tokens.create({"name": "work", "scopes": ["api"]}).token


def releases(url, token, path):
    """The project's releases as the bearer of the token sees them."""
    return gitlab.Gitlab(url, private_token=token).projects.get(path, lazy=True).releases


def refused(status, call):
    """Calls, and expects the server to refuse with this status."""
    try:
        call()
    except gitlab.GitlabError as error:
        same(error.response_code, status)
    else:
        raise AssertionError(f"expected {status}, but it was done")
