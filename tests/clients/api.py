"""A small API client of the suite's own: it provisions, and it looks at what the clients left behind."""

import json
import urllib.error
import urllib.parse
import urllib.request


class Api:
    """Calls the server with one token."""

    def __init__(self, url, token):
        self.url = url
        self.token = token
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method, path, body=None):
        """The status and the decoded body of one call."""
        request = urllib.request.Request(f"{self.url}/api/v4{path}", method=method)
        request.add_header("PRIVATE-TOKEN", self.token)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with self.opener.open(request, timeout=30) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            status, text = refusal.code, refusal.read()
        return status, json.loads(text) if text else None

    def get(self, path):
        """The body of a GET that must succeed."""
        return self._expect(200, "GET", path)

    def create(self, path, /, **body):
        """The body of a POST that must create something."""
        return self._expect(201, "POST", path, body)

    def upload(self, path, name, content):
        """The body of a POST with a file in a form."""
        boundary = "a-line-between-parts"
        headers = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        request = urllib.request.Request(f"{self.url}/api/v4{path}", method="POST")
        request.add_header("PRIVATE-TOKEN", self.token)
        request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
        request.data = headers.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        with self.opener.open(request, timeout=30) as answer:
            return json.loads(answer.read())

    def _expect(self, expected, method, path, body=None):
        status, answer = self.call(method, path, body)
        if status != expected:
            raise RuntimeError(f"{method} {path}: expected {expected}, got {status} {answer}")
        return answer

    def releases(self, project_id):
        """The project's releases by tag, each with its links as the links list shows them."""
        found = {}
        for release in self.get(f"/projects/{project_id}/releases?per_page=100"):
            tag = urllib.parse.quote(release["tag_name"], safe="")
            release["links"] = self.get(f"/projects/{project_id}/releases/{tag}/assets/links?per_page=100")
            found[release["tag_name"]] = release
        return found


def provision(root, project_path):
    """Makes a user and a private project, and returns what a driver's environment says about them."""
    user = root.create("/users", username="robin", name="Robin", email="robin@example.com")
    parent = None
    *groups, name = project_path.split("/")
    for group in groups:
        body = {"name": group, "path": group, "visibility": "private"}
        if parent is None:
            parent = root.create("/groups", **body)
        else:
            parent = root.create("/groups", parent_id=parent["id"], **body)
    project = root.create(
        "/projects", name=name, path=name, namespace_id=parent["id"], visibility="private"
    )
    root.create(f"/projects/{project['id']}/members", user_id=user["id"], access_level=40)
    facts = {
        "USER_ID": str(user["id"]),
        "PROJECT_ID": str(project["id"]),
        "PROJECT_PATH": project["path_with_namespace"],
        "TOKEN": personal_token(root, user["id"], ["api"]),
        "READ_TOKEN": personal_token(root, user["id"], ["read_api"]),
    }
    facts.update(later_tokens(root, user["id"], project["id"]))
    return facts


def personal_token(root, user_id, scopes):
    """A personal access token with the scopes."""
    path = f"/users/{user_id}/personal_access_tokens"
    return root.create(path, name="+".join(scopes), scopes=scopes)["token"]


def later_tokens(root, user_id, project_id):
    """The project's own token and a job's; one that cannot be had is an empty string, which fails the steps that need it."""
    asked = {
        "PROJECT_TOKEN": ("access_tokens", {"name": "deploy", "scopes": ["api"], "access_level": 40}),
        "JOB_TOKEN": ("job_tokens", {"user_id": user_id}),
    }
    tokens = {}
    for name, (kind, body) in asked.items():
        status, answer = root.call("POST", f"/projects/{project_id}/{kind}", body)
        tokens[name] = answer["token"] if status == 201 else ""
    return tokens
