"""Lets schemathesis ask for what exists: most requests get the path of something that the world holds, the others stay random."""

import itertools
import json
import os

import schemathesis

WORLD = json.loads(os.environ["WORLD"])
TOKENS = "/api/v4/personal_access_tokens/{id}"
# One request in so many keeps its random path.
RANDOM = 5
turns = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Replaces the values of a path's parameters by those of one thing and what is in it."""
    turn = next(turns)
    path = case.operation.path
    if path.endswith("/history") and "at" in (case.query or {}):
        # No schema says that a moment needs a path.
        case.query["path"] = "/bin/linux"
    if path.startswith("/api/v4/projects/"):
        things = WORLD["projects"]
    elif path.startswith("/-/project/"):
        things = WORLD["projects_by_number"]
    elif path.startswith("/{id}"):
        things = WORLD["on_the_web"]
    elif path.startswith("/api/v4/groups/"):
        things = WORLD["groups"]
    elif path.startswith("/api/v4/users/"):
        things = WORLD["users"]
    elif path.startswith(TOKENS):
        things = WORLD["tokens"]
    else:
        return
    # A random token might be the one that this run asks with.
    # What is no path of a project, or has no secret, would be the address of a page instead of an upload.
    if turn % RANDOM == 0 and not path.startswith((TOKENS, "/{id}/uploads/")):
        return
    thing = things[turn % len(things)]
    if "/release_channels/" in path:
        thing = {**thing, "name": "stable"}
    if "/packages/generic/" in path:
        thing = {**thing, "package_name": "hello", "package_version": "1.0", "file_name": "file"}
    if "{upload_id}" in path or "{secret}" in path:
        thing = {**thing, **thing["upload"]}
    if path.endswith("/immutable"):
        # The other releases have to stay changeable.
        thing = {**thing, "tag_name": "frozen"}
    case.path_parameters = {name: thing.get(name, value) for name, value in (case.path_parameters or {}).items()}
