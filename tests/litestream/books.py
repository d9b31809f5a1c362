"""What a writer asked for and when it was acknowledged, to compare with what a copy of the database holds."""

import http.client
import json
import time

RELEASE = "v1"
# The most links of a writer that changes one at a time.
FEW = 30


class Book:
    """One writer's project with one release, and every state that its links were in since the last look."""

    def __init__(self, project, rng, bulk=None):
        """With `bulk`, the writer replaces as many links all at once."""
        self.links = f"/api/v4/projects/{project}/releases/{RELEASE}/assets/links"
        self.manifest = f"/api/v4/projects/{project}/releases/{RELEASE}/assets/manifest"
        self.rng, self.bulk = rng, bulk
        self.states = [(0.0, {})]
        self.ids = {}
        self.next = 0
        self.acknowledged = self.refused = 0

    def write_on(self, address, token, stop):
        """Writes on one connection until told to stop or the server ends."""
        connection = http.client.HTTPConnection(*address, timeout=30)
        while not stop.is_set():
            method, target, body, name, after = self.step()
            try:
                status, answer = call(connection, token, method, target, body)
            except (OSError, http.client.HTTPException):
                # Whether it was done is not known.
                self.states.append((None, after))
                return
            if status == 503:
                self.refused += 1
                self.states.append((None, after))
                return
            assert status in (200, 201, 204), (status, answer)
            self.states.append((time.time(), after))
            self.acknowledged += 1
            if method == "POST":
                self.ids[name] = answer["id"]

    def step(self):
        """The next request, the link that it is about, and the state that it leads to."""
        self.next += 1
        _, before = self.states[-1]
        if self.bulk:
            after = {f"n{number}": url(self.next, number) for number in range(self.bulk)}
            return "PUT", self.manifest, {"links": drafts(after)}, None, after
        names = sorted(before)
        choice = self.rng.random()
        if not names or (choice < 0.4 and len(names) < FEW):
            name = f"n{self.next}"
            after = {**before, name: url(self.next)}
            return "POST", self.links, drafts({name: after[name]})[0], name, after
        name = self.rng.choice(names)
        target = f"{self.links}/{self.ids[name]}"
        if choice < 0.8:
            after = {**before, name: url(self.next)}
            return "PUT", target, {"url": after[name]}, name, after
        return "DELETE", target, None, name, {key: value for key, value in before.items() if key != name}

    def shown(self, address, token):
        """The links that a server has, by name, with id and URL."""
        status, answer = call(http.client.HTTPConnection(*address, timeout=30), token, "GET", self.manifest)
        assert status == 200, (status, answer)
        return {link["name"]: link for link in answer["links"]}

    def find(self, shown):
        """The number of the newest state that this is, or none."""
        links = {name: link["url"] for name, link in shown.items()}
        return next((at for at in reversed(range(len(self.states))) if self.states[at][1] == links), None)

    def last_before(self, moment):
        """The number of the last state that was acknowledged before that."""
        return max(at for at, (when, _) in enumerate(self.states) if when is not None and when < moment)

    def first_after(self, number):
        """When the first write after that state was acknowledged, if one was."""
        return next((when for when, _ in self.states[number + 1:] if when is not None), None)

    def go_on_from(self, number, shown):
        """Forgets all states but that."""
        self.states = [(0.0, self.states[number][1])]
        self.ids = {name: link["id"] for name, link in shown.items()}


def url(*parts):
    return "https://files.example.com/" + "/".join(map(str, parts))


def drafts(links):
    return [{"name": name, "url": target, "direct_asset_path": f"/f/{name}"} for name, target in links.items()]


def call(connection, token, method, target, body=None):
    """The status and the decoded body of one request."""
    headers = {"PRIVATE-TOKEN": token, "Content-Type": "application/json"}
    connection.request(method, target, body=None if body is None else json.dumps(body), headers=headers)
    answer = connection.getresponse()
    text = answer.read()
    return answer.status, json.loads(text) if text else None
