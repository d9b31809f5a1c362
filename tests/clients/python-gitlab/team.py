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
