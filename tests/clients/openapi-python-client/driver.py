"""Drives the generated client, whose folder is the argument: the common script, and tokens."""

import os
import sys

import script

sys.path.insert(0, sys.argv[1])

from release_links_client import AuthenticatedClient, models  # noqa: E402
from release_links_client.api import release_links, releases, tokens, users  # noqa: E402

LINKS = "api_v4_projects_id_releases_tag_name_assets_links"


def operation(package, name):
    """An operation's module, which the package does not import by itself."""
    return __import__(f"{package.__name__}.{name}", fromlist=["sync_detailed"])


def client(token):
    """A client with a personal token."""
    return AuthenticatedClient(
        base_url=os.environ["URL"], token=token, prefix="", auth_header_name="PRIVATE-TOKEN",
        raise_on_unexpected_status=True,
    )


class Adapter:
    """The common script's operations."""

    def __init__(self, connection):
        self.connection = connection

    def call(self, package, name, *path, **more):
        """What the server answers, as the generated model; a refusal is an error."""
        answer = operation(package, name).sync_detailed(*path, client=self.connection, **more)
        if answer.status_code >= 400:
            raise script.Refused(f"{answer.status_code.value} {answer.parsed}")
        return answer

    def create_release(self, project, tag, name, description, links):
        body = models.PostApiV4ProjectsIdReleases.from_dict({
            "tag_name": tag, "name": name, "description": description,
            "assets": {"links": [fields(link) for link in links]},
        })
        return self.call(releases, "post_api_v4_projects_id_releases", project, body=body).parsed.to_dict()

    def get_release(self, project, tag):
        return self.call(releases, "get_api_v4_projects_id_releases_tag_name", project, tag).parsed.to_dict()

    def delete_release(self, project, tag):
        self.call(releases, "delete_api_v4_projects_id_releases_tag_name", project, tag)

    def add_link(self, project, tag, **link):
        body = models.PostApiV4ProjectsIdReleasesTagNameAssetsLinks.from_dict(fields(link))
        return self.call(release_links, f"post_{LINKS}", project, tag, body=body).parsed.to_dict()

    def list_links(self, project, tag, per_page):
        page, links = "1", []
        while page:
            answer = self.call(release_links, f"get_{LINKS}", project, tag, page=int(page), per_page=per_page)
            links += [link.to_dict() for link in answer.parsed]
            page = answer.headers["X-Next-Page"]
        return links

    def get_link(self, project, tag, link_id):
        return self.call(release_links, f"get_{LINKS}_link_id", project, tag, link_id).parsed.to_dict()

    def update_link(self, project, tag, link_id, **link):
        body = models.PutApiV4ProjectsIdReleasesTagNameAssetsLinksLinkId.from_dict(fields(link))
        return self.call(release_links, f"put_{LINKS}_link_id", project, tag, link_id, body=body).parsed.to_dict()

    def delete_link(self, project, tag, link_id):
        self.call(release_links, f"delete_{LINKS}_link_id", project, tag, link_id)


def fields(link):
    """A link's fields under their names on the API."""
    return {"direct_asset_path" if name == "path" else name: value for name, value in link.items()}


def make_token():
    """An administrator makes a user, and a token with which that user is who is calling."""
    administrator = client(os.environ["ADMINISTRATOR_TOKEN"])
    user = operation(users, "post_api_v4_users").sync(
        client=administrator,
        body=models.PostApiV4Users(username="kim", name="Kim", email="kim@example.com"),
    )
    made = operation(tokens, "post_api_v4_users_user_id_personal_access_tokens").sync(
        user.id, client=administrator,
        body=models.PostApiV4UsersUserIdPersonalAccessTokens.from_dict({"name": "kim", "scopes": ["read_api"]}),
    )
    me = operation(users, "get_api_v4_user").sync(client=client(made.token))
    script.same((me.username, me.is_admin, [scope.value for scope in made.scopes]), ("kim", False, ["read_api"]))


script.run(Adapter(client(os.environ["TOKEN"])))
with script.step("tokens"):
    make_token()
