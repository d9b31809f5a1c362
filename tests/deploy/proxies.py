"""Proxies in front of the real binary: nginx as docs/deploy configures it, HAProxy and Apache."""

import json
import os
import re
import socket
import subprocess
import time
import urllib.parse

from server import BINARY, HOST, PATIENCE, ROOT, TOKEN, Server, curl, provision, run

DEPLOY = ROOT / "docs" / "deploy"
LINKS = "/api/v4/projects/acme%2Fhello/releases/line%2Fv1/assets/links"
DOWNLOAD = "/acme/hello/-/releases/line%2Fv1/downloads/bin"
# What every proxy must pass on as it is, with the server's status.
REQUESTS = (
    (LINKS, 200),
    (f"{LINKS}?per_page=1", 200),
    (f"{LINKS}?per_page=1&x={'x' * 1500}", 200),
    (f"{LINKS}?per_page=1&x={'x' * 3000}", 200),
    (f"{DOWNLOAD}/hello", 302),
    (f"{DOWNLOAD}%2Fhello", 302),
    (f"{DOWNLOAD}//hello", 302),
    ("/api/v4//version", 200),
    ("/api/v4/projects/acme%252Fhello", 404),
)
# Offers to upgrade the connection, which the server does not take.
OFFERS = (
    ("Connection: upgrade",),
    ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"),
    ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"),
)


def free_ports(number):
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


def proxy_files(folder, service, tls, plain):
    """The example with this machine's ports and a certificate, and around it what Debian's nginx.conf would be."""
    code, said = run(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
        "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", folder / "key.pem", "-out", folder / "cert.pem",
    )
    assert code == 0, said
    site = (DEPLOY / "nginx.conf").read_text()
    for found, put in (
        ("127.0.0.1:8080", f"127.0.0.1:{service}"),
        ("listen 443 ", f"listen 127.0.0.1:{tls} "),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("/var/www/acme;", f"{folder}/acme;"),
        (f"/etc/ssl/{HOST}.pem", str(folder / "cert.pem")),
        (f"/etc/ssl/{HOST}.key", str(folder / "key.pem")),
    ):
        assert site.count(found) == 1, found
        site = site.replace(found, put)
    site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)
    (folder / "site.conf").write_text(site)
    stores = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    around = f"""{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
        events {{}} http {{ access_log off; {stores} include {folder}/site.conf; }}"""
    (folder / "nginx.conf").write_text(around)
    return ("nginx", "-e", folder / "error.log", "-p", folder, "-c", folder / "nginx.conf")


def proxy_closes_first(folder):
    """Or a request is lost that the proxy sends just as the service closes the connection."""
    _, said = run(BINARY, "--help", env={})
    ours = int(re.search(r"--keep-alive.*?\[default: (\d+)\]", said, re.DOTALL).group(1))
    theirs = int(re.search(r"^ *keepalive_timeout (\d+)s;$", (DEPLOY / "nginx.conf").read_text(), re.MULTILINE).group(1))
    assert theirs < ours, f"nginx keeps connections {theirs} s, the service {ours} s"


def proxy_passes_requests_on(folder):
    server = Server(folder)
    proxy = None
    try:
        provision(server)
        tls, plain = free_ports(2)
        command = [str(word) for word in proxy_files(folder, server.port, tls, plain)]
        code, said = run(*command, "-t")
        assert code == 0 and "[warn]" not in said, said
        proxy = subprocess.Popen(command)
        wait_for(tls, proxy)
        requests_through_it(folder, server, tls, plain)
        assert TOKEN not in (folder / "error.log").read_text()
    finally:
        if proxy:
            proxy.terminate()
            proxy.wait(timeout=PATIENCE)
        server.stop()


def wait_for(port, process):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert process.poll() is None and time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.05)


def requests_through_it(folder, server, tls, plain):
    def proxied(target, *arguments):
        there = ("--cacert", folder / "cert.pem", "--resolve", f"{HOST}:{tls}:127.0.0.1", "--noproxy", "*")
        return curl(f"https://{HOST}:{tls}{target}", *there, *arguments)

    passes_on("nginx", proxied, server)
    dots = f"{LINKS.removesuffix('/assets/links')}/../line%2Fv1"
    assert proxied(dots)[0] == server.get(dots)[0] == 404
    status, location, _ = proxied(f"{DOWNLOAD}/hello")
    assert location == "https://files.example.com/hello", location
    link = json.loads(proxied(LINKS)[2])[0]
    assert link["direct_asset_url"] == f"https://{HOST}{DOWNLOAD}/hello", link

    large, small = folder / "large", folder / "small"
    small.write_text("name=" + "x" * (1024 * 1024 - 5))
    large.write_text("name=" + "x" * (1024 * 1024 - 4))
    assert proxied(LINKS, "--data-binary", f"@{small}")[0] == 400, "a body of 1 MiB reaches the service"
    status, _, body = proxied(LINKS, "--data-binary", f"@{large}")
    assert status == 413 and "nginx" in body, f"more than 1 MiB: {status} {body[:200]}"
    plain = f"http://127.0.0.1:{plain}"
    unencrypted_requests(folder, plain)
    large_heads(server, proxied)


def unencrypted_requests(folder, plain):
    challenges = folder / "acme" / ".well-known" / "acme-challenge"
    challenges.mkdir(parents=True)
    (challenges / "token").write_text("token.thumbprint")
    here = ("-H", f"Host: {HOST}")
    status, _, body = curl(f"{plain}/.well-known/acme-challenge/token", *here)
    assert (status, body) == (200, "token.thumbprint"), f"HTTP-01: {status} {body}"
    assert curl(f"{plain}/.well-known/acme-challenge/other", *here)[0] == 404
    for target in (f"{LINKS}?page=2", "/acme//hello/%2e/"):
        for method in ("-G", "--head"):
            status, location, _ = curl(f"{plain}{target}", *here, method)
            assert (status, location) == (301, f"https://{HOST}{target}"), f"{method} {target}: {status} {location}"
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        status, location, _ = curl(f"{plain}{LINKS}", *here, "-X", method)
        assert (status, location) == (403, ""), f"{method}: {status} {location}"


def passes_on(name, proxied, server):
    """Each address reaches the server as it was sent, and each answer the client."""
    for target, status in REQUESTS:
        through, without = proxied(target), server.get(target)
        assert through == without, f"{target[:80]}: {through} through {name}, {without} without"
        assert through[0] == status, f"{target[:80]}: {through}"
    for offer in OFFERS:
        headers = [word for header in offer for word in ("-H", header)]
        for method in ((), ("-d", "name=")):
            through, without = proxied(LINKS, *headers, *method), server.get(LINKS, *method)
            assert through == without, f"{offer} {method}: {through} through {name}, {without} without"


def large_heads(server, proxied):
    """Answers whose head is longer than nginx takes by default."""
    longest = "https://files.example.com/" + "\u0436" * 1011
    assert len(longest.encode()) == 2048
    for name, url in (("700", "https://files.example.com/" + "\u0436" * 700), ("longest", longest)):
        fields = ("-F", f"name={name}", "-F", f"url={url}", "-F", f"direct_asset_path=/{name}.bin")
        assert proxied(LINKS, *fields)[0] == 201
        download = f"/acme/hello/-/releases/line%2Fv1/downloads/{name}.bin"
        for answer in (proxied(download), server.get(download)):
            assert answer[0] == 302 and urllib.parse.unquote(answer[1]) == url, f"{name}: {answer}"
        assert server.get(f"{LINKS}/{json.loads(server.get(LINKS)[2])[0]['id']}", "-X", "DELETE")[0] == 200


HAPROXY = """
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend here
    bind 127.0.0.1:{port}
    default_backend service
backend service
    server service 127.0.0.1:{service}
"""
APACHE = """
ServerRoot {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/apache.log
User www-data
ServerName localhost
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
AllowEncodedSlashes NoDecode
MergeSlashes Off
ProxyPass / http://127.0.0.1:{service}/ nocanon
"""


def other_proxies_pass_requests_on(folder):
    """With nothing but what passes a path on as it is."""
    server = Server(folder)
    try:
        provision(server)
        for name, configuration, command in (
            ("HAProxy", HAPROXY, ("haproxy", "-db", "-f")), ("Apache", APACHE, ("apache2", "-DFOREGROUND", "-f")),
        ):
            (port,) = free_ports(1)
            file = folder / name
            modules = "/usr/lib/apache2/modules"
            file.write_text(configuration.format(folder=folder, port=port, service=server.port, modules=modules))
            proxy = subprocess.Popen([*command, str(file)])
            try:
                wait_for(port, proxy)

                def proxied(target, *arguments, port=port):
                    return curl(f"http://127.0.0.1:{port}{target}", *arguments)

                passes_on(name, proxied, server)
                large_heads(server, proxied)
            finally:
                proxy.terminate()
                proxy.wait(timeout=PATIENCE)
    finally:
        server.stop()
