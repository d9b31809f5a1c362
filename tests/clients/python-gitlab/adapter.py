"""The common script's operations with python-gitlab, whichever version it is."""

import contextlib

import gitlab
import script


@contextlib.contextmanager
def refusal(kind):
    """Turns the library's own error, and only the kind that belongs here, into the script's."""
    try:
        yield
    except kind as error:
        raise script.Refused(str(error)) from error


class Adapter:
    """`path_name` is the parameter for a link's path: the older version knows `filepath` alone."""

    def __init__(self, connection, path_name):
        self.connection = connection
        self.path_name = path_name

    def _fields(self, link):
        link = dict(link)
        if path := link.pop("path", None):
            link[self.path_name] = path
        return link

    def _releases(self, project):
        return self.connection.projects.get(project, lazy=True).releases

    def replace_links(self, project):
        """Says that a link that is sent again replaces the one that is there."""
        settings = self.connection.projects.get(project)
        settings.links_on_conflict = "replace"
        settings.save()

    def links(self, project, tag):
        """The manager of a release's links."""
        return self._releases(project).get(tag, lazy=True).links

    def create_release(self, project, tag, name, description, links):
        body = {"tag_name": tag, "name": name, "description": description}
        if links:
            body["assets"] = {"links": [self._fields(link) for link in links]}
        with refusal(gitlab.GitlabCreateError):
            return self._releases(project).create(body).attributes

    def get_release(self, project, tag):
        with refusal(gitlab.GitlabGetError):
            return self._releases(project).get(tag).attributes

    def delete_release(self, project, tag):
        with refusal(gitlab.GitlabDeleteError):
            self._releases(project).delete(tag)

    def add_link(self, project, tag, **link):
        with refusal(gitlab.GitlabCreateError):
            return self.links(project, tag).create(self._fields(link)).attributes

    def list_links(self, project, tag, per_page):
        whole = self.links(project, tag).list(get_all=True, per_page=per_page)
        return [link.attributes for link in whole]

    def get_link(self, project, tag, link_id):
        with refusal(gitlab.GitlabGetError):
            return self.links(project, tag).get(link_id).attributes

    def update_link(self, project, tag, link_id, **link):
        with refusal(gitlab.GitlabUpdateError):
            return self.links(project, tag).update(link_id, self._fields(link))

    def delete_link(self, project, tag, link_id):
        with refusal(gitlab.GitlabDeleteError):
            self.links(project, tag).delete(link_id)
