"""What every proxy in front of the service must pass on: requests as they were sent, and answers as the service gave them."""

import json
import socket
import ssl
import urllib.parse

from programs import run
from server import HOST, PATIENCE, TOKEN

API = "/api/v4/projects/acme%2Fhello/releases"
LINKS = f"{API}/line%2Fv1/assets/links"
DOWNLOAD = "/acme/hello/-/releases/line%2Fv1/downloads/bin"
ODD_TAG = f"{API}/line%2Fv1.0%2B1/assets/links"
# Addresses and the service's answers to them.
REQUESTS = (
    (LINKS, 200),
    (f"{LINKS}?per_page=1", 200),
    (f"{LINKS}?per_page=1&x={'x' * 1500}", 200),
    (f"{LINKS}?per_page=1&x={'x' * 3000}", 200),
    ("/api/v4/projects?search=a%2Fb+c%20d%2Be&per_page=1", 200),
    ("/api/v4/projects/acme%2fhello", 200),
    ("/api/v4/projects/acme%2Fhello%2Eworld", 200),
    ("/api/v4/projects/acme%2Fhello.world", 200),
    ("/api/v4/projects/acme/hello", 404),
    ("/api/v4/projects/acme%252Fhello", 404),
    ("/api/v4/projects/acme%2Fhello+world", 404),
    ("/api/v4/projects/acme%2Fhello%20world", 404),
    (ODD_TAG, 200),
    (ODD_TAG.replace("%2B", "+").replace(".", "%2E"), 200),
    (ODD_TAG.replace("%2B", "%20"), 404),
    (f"{DOWNLOAD}/hello", 302),
    (f"{DOWNLOAD}/hello.de.gz", 302),
    (f"{DOWNLOAD}/hello%2Ede.gz", 302),
    (f"{DOWNLOAD}%2Fhello", 302),
    (f"{DOWNLOAD}//hello", 302),
    (f"{DOWNLOAD}/hello+", 404),
    (f"{DOWNLOAD}/hello%20", 404),
    ("/acme/hello/-/releases/line%2Fv1.0+1/downloads/odd", 302),
    ("/api/v4//version", 200),
    (f"{API}/../line%2Fv1", 404),
)
# Offers to upgrade the connection, which the service does not take.
OFFERS = (
    ("Connection: upgrade",),
    ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"),
    ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"),
)
# What belongs to a connection or to one server, or tells requests apart.
NOT_PASSED_ON = {
    "alt-svc", "connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "x-request-id", "x-runtime",
}
URL = "url=https://files.example.com/form"


class Client:
    """Asks under one address, of the proxy or of the service, with curl, which sends the path as it is."""

    def __init__(self, address, *arguments, adds=()):
        self.address = address
        self.arguments = arguments
        self.adds = adds

    def ask(self, target, *arguments):
        """The status, the headers that are the service's to say, and the body."""
        (answer,) = self.ask_in_turn((target, *arguments))
        return answer

    def ask_in_turn(self, *requests):
        """Asks on one connection, if it stays usable."""
        command, end = ["curl"], "\n--end--\n"
        for number, (target, *arguments) in enumerate(requests):
            command += ["--next"] if number else []
            command += ["-sS", "--path-as-is", "--noproxy", "*", *self.arguments, "-H", f"Authorization: Bearer {TOKEN}"]
            written = f"{end}%{{header_json}}{end}%{{http_code}}{end}"
            command += ["-w", written, *arguments, self.address + target]
        code, said = run(*command)
        assert code == 0, f"curl says {code} of {requests[0][0][:80]}: {said[-500:]}"
        parts = said.split(end)
        for body, headers, status in zip(parts[0::3], parts[1::3], parts[2::3]):
            kept = {name: value for name, value in json.loads(headers).items() if name not in NOT_PASSED_ON}
            yield int(status), kept, body


def same(proxied, service, target, *arguments, without=None):
    """The answer, which must be the service's own but for headers that the proxy is known to add."""
    through = proxied.ask(target, *arguments)
    direct = service.ask(target, *(arguments if without is None else without))
    for name in set(proxied.adds) - set(direct[1]):
        through[1].pop(name, None)
    assert through == direct, f"{target[:80]} {arguments}: {through} through the proxy, {direct} without"
    return through


def provision_odd_names(service):
    """A project, a tag and paths with the characters that proxies are known to change."""
    api = "/api/v4/projects"
    group = json.loads(service.ask(f"{api}/acme%2Fhello")[2])["namespace"]["id"]
    created = (
        (api, f"name=hello.world&path=hello.world&namespace_id={group}"),
        (API, "tag_name=line/v1.0%2B1"),
        (LINKS, f"name=tar&url=https://files.example.com/tar&direct_asset_path=/bin/hello.de.gz&digest=sha256:{'0' * 64}"),
        (ODD_TAG, "name=odd&url=https://files.example.com/odd&direct_asset_path=/odd"),
    )
    for target, body in created:
        answer = service.ask(target, "-d", body)
        assert answer[0] == 201, answer


def addresses_arrive_as_sent(proxied, service):
    for target, status in REQUESTS:
        through = same(proxied, service, target)
        assert through[0] == status, f"{target[:80]}: {through}"
    link = proxied.ask(f"{LINKS}?per_page=1")[1]["link"][0]
    assert link.startswith(f"<https://{HOST}{LINKS}?"), f"the next page is at {link}"
    assert proxied.ask(f"{DOWNLOAD}/hello")[1]["location"] == ["https://files.example.com/hello"]


def answers_keep_their_etag(proxied, service):
    """Or a write with If-Match fails that repeats it."""
    for target in (LINKS, f"{LINKS}/1", f"{API}/line%2Fv1/assets/SHA256SUMS"):
        tag = same(proxied, service, target, "--compressed", without=())[1]["etag"][0]
        assert proxied.ask(target, "-H", f"If-None-Match: {tag}")[0] == 304


def forms_and_json_arrive(proxied, service):
    name = "caf\u00e9 + %2F"
    path = "direct_asset_path=/form"
    document = json.dumps({"name": name, "url": URL.removeprefix("url="), "direct_asset_path": "/form"})
    for body in (
        ("--data-urlencode", f"name={name}", "-d", URL, "-d", path),
        ("-F", f"name={name}", "-F", URL, "-F", path),
        ("-H", "Content-Type: application/json", "-d", document),
        ("-X", "POST", "-G", "--data-urlencode", f"name={name}", "-d", URL, "-d", path),
    ):
        status, _, text = proxied.ask(ODD_TAG, *body)
        assert status == 201, f"{body}: {status} {text}"
        link = json.loads(text)
        assert link["name"] == name and link["direct_asset_url"].startswith(f"https://{HOST}/acme/hello/"), link
        changed = proxied.ask(f"{ODD_TAG}/{link['id']}", "-X", "PUT", "-d", "name=other")
        assert changed[0] == 200, changed
        deleted = proxied.ask(f"{ODD_TAG}/{link['id']}", "-X", "DELETE")
        assert deleted[0] == 200, deleted


def offers_to_upgrade_are_ignored(proxied, service):
    for offer in OFFERS:
        headers = [word for header in offer for word in ("-H", header)]
        for method in ((), ("-d", "name=")):
            same(proxied, service, LINKS, *headers, *method, without=method)


def the_longest_location_fits(proxied, service):
    longest = "https://files.example.com/" + "\u0436" * 1011
    assert len(longest.encode()) == 2048
    for name, url in (("700", "https://files.example.com/" + "\u0436" * 700), ("longest", longest)):
        created = proxied.ask(LINKS, "-F", f"name={name}", "-F", f"url={url}", "-F", f"direct_asset_path=/{name}.bin")
        assert created[0] == 201, created
        download = f"/acme/hello/-/releases/line%2Fv1/downloads/{name}.bin"
        through = same(proxied, service, download)
        assert through[0] == 302 and urllib.parse.unquote(through[1]["location"][0]) == url, through
        assert service.ask(f"{LINKS}/{json.loads(created[2])['id']}", "-X", "DELETE")[0] == 200


def large_bodies_are_refused(proxied, folder, resets=False):
    """By whichever of the two, and the client's next request is answered; a proxy may be known to reset the connection."""
    for size, status in ((1024 * 1024, 400), (1024 * 1024 + 1, 413), (1536 * 1024, 413)):
        (folder / "body").write_text("name=" + "x" * (size - 5))
        for way in ((), ("-H", "Expect:"), ("-H", "Transfer-Encoding: chunked")):
            upload = (LINKS, "--data-binary", f"@{folder / 'body'}", *way)
            refused, after = proxied.ask_in_turn(upload, (f"{DOWNLOAD}/hello",))
            reset = resets and status == 413 and "curl: (5" in refused[2]
            assert reset or refused[0] == status, f"{size} {way}: {refused}"
            assert after[0] == 302, f"after {size} {way}: {after}"


def files_pass(proxied, service, folder):
    """Files that are larger than other bodies may be, in each way in which clients send them; and back, whole and in part."""
    content = b"".join(b"%09d\n" % number for number in range(300_000))
    (folder / "file").write_bytes(content)
    for name, way in (("counted", ()), ("at-once", ("-H", "Expect:")), ("chunked", ("-H", "Transfer-Encoding: chunked"))):
        path = f"/api/v4/projects/acme%2Fhello/packages/generic/hello/1.2%2B3/{name}"
        published = proxied.ask(path, "--upload-file", str(folder / "file"), *way)
        assert published[0] == 201, f"{name}: {published}"
        for client in (proxied, service):
            assert client.ask(path)[2] == content.decode(), f"{name}: not what was published"
        part = proxied.ask(path, "-H", "Range: bytes=2000000-2000009")
        assert (part[0], part[2]) == (206, "000200000\n"[:10]), f"{name}: {part}"


def uploads_arrive(port, context):
    """A body that is sent slowly, one in chunks, and one that waits for `100 Continue`."""
    names = ("slow", "chunked", "waiting")
    slow, chunked, waiting = (f"name={name}&url=https://files.example.com/{name}".encode() for name in names)
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (chunked[:7], chunked[7:])]
    for headers, parts, interim in (
        ((f"Content-Length: {len(slow)}",), (slow[:7], slow[7:]), False),
        (("Transfer-Encoding: chunked",), (*chunks, b"0\r\n\r\n"), False),
        ((f"Content-Length: {len(waiting)}", "Expect: 100-continue"), (waiting,), True),
    ):
        raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        with context.wrap_socket(raw, server_hostname=HOST) as connection:
            answer = connection.makefile("rb")
            head = (
                f"POST {ODD_TAG} HTTP/1.1", f"Host: {HOST}", f"Authorization: Bearer {TOKEN}",
                "Content-Type: application/x-www-form-urlencoded", *headers,
            )
            connection.sendall("\r\n".join((*head, "", "")).encode())
            if interim:
                assert status(answer) == 100, headers
            for part in parts:
                assert interim or not answers_within(connection, 0.2), f"{headers}: an answer before the body's end"
                connection.sendall(part)
            # The proxy may have said it, and then the service.
            while (said := status(answer)) == 100 and interim:
                pass
            assert said == 201, f"{headers}: {said}"


def status(answer):
    """The status of the next answer, whose head it reads."""
    line = answer.readline()
    while answer.readline() not in (b"\r\n", b""):
        pass
    return int(line.split()[1])


def answers_within(connection, seconds):
    connection.settimeout(seconds)
    try:
        return connection.recv(1) != b"never"
    except (TimeoutError, ssl.SSLWantReadError):
        return False
    finally:
        connection.settimeout(PATIENCE)
