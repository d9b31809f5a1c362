"""The proxies of docs/deploy, each with the real binary behind it: all must pass the same checks."""

import contextlib
import dataclasses
import functools
import http.server
import os
import re
import socket
import ssl
import subprocess
import threading
import time

import passing
from programs import run
from server import BINARY, HOST, PATIENCE, ROOT, TOKEN, Server, provision

DEPLOY = ROOT / "docs" / "deploy"
CERTIFICATE = f"/etc/ssl/{HOST}.pem"
KEY = f"/etc/ssl/{HOST}.key"
STORES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
# What Debian's package enables, and what the example says to enable.
APACHE_MODULES = (
    "mpm_event authz_core authz_host alias deflate dir env filter mime reqtimeout setenvif http2 proxy proxy_http rewrite"
    " socache_shmcb ssl"
).split()


@dataclasses.dataclass(frozen=True)
class Proxy:
    """An example, and how to run it: `{service}`, `{tls}`, `{plain}`, `{acme}` are ports, `{folder}` is a directory."""

    name: str
    file: str
    # What an operator would change, and where the test keeps its files.
    replaced: tuple
    # How many seconds it keeps an idle connection to the service, 0 for none, and one to a client if the example sets that.
    idle: str
    client_idle: str | None
    command: tuple
    check: tuple
    # Lines that need rights which the test does not have.
    left_out: str = "(?!)"
    # The configuration that includes the example, as `{folder}/site`; without it, the example is the whole.
    around: str = "include"
    # Who answers HTTP-01: the proxy from files, an ACME client behind it, or the proxy itself with a certificate's request.
    challenges: str = "files"
    # Headers that it adds when the service sends none, and cannot be kept from adding.
    adds: tuple = ()
    # Whether it may close an HTTP/1.1 connection before its client has sent a body that is too large, and read the answer.
    resets: bool = False
    # What it offers its clients.
    protocols: tuple = ("--http1.1", "--http2")


NGINX = Proxy(
    "nginx", "nginx.conf",
    (
        ("127.0.0.1:8080", "127.0.0.1:{service}"), ("listen 443 ", "listen 127.0.0.1:{tls} "),
        ("listen 80;", "listen 127.0.0.1:{plain};"), ("/var/www/acme;", "{folder}/acme;"),
        (CERTIFICATE, "{folder}/cert.pem"), (KEY, "{folder}/key.pem"),
        ("/var/log/nginx/error.log", "{folder}/site.log"),
    ),
    idle=r"keepalive_timeout (\d+)s;\n}",
    client_idle=r"keepalive_timeout (\d+)s;\n\n",
    left_out=r"^ *listen \[::\].*\n",
    around=("user root; " if os.geteuid() == 0 else "") + "daemon off; pid {folder}/nginx.pid; worker_processes 1;\n"
    "error_log {folder}/error.log; events {{}} http {{ access_log {folder}/access.log; gzip on;\n"
    + " ".join(f"{store}_temp_path {{folder}}/{store};" for store in STORES) + "\ninclude {folder}/site; }}",
    command=("nginx", "-e", "{folder}/error.log", "-p", "{folder}", "-c", "{folder}/configuration"),
    check=("-t",),
)
CADDY = Proxy(
    "Caddy", "Caddyfile",
    (
        ("127.0.0.1:8080", "127.0.0.1:{service}"), ("# tls ", "tls "),
        (CERTIFICATE, "{folder}/cert.pem"), (KEY, "{folder}/key.pem"),
        ("\tlog ", "\tadmin off\n\thttp_port {plain}\n\thttps_port {tls}\n\tdefault_bind 127.0.0.1\n\tlog "),
    ),
    idle=r"\tkeepalive (\d+)s\n",
    client_idle=None,
    around="",
    command=("caddy", "run", "--adapter", "caddyfile", "--config", "{folder}/configuration"),
    check=(),
    challenges="itself",
    resets=True,
)
APACHE = Proxy(
    "Apache", "apache.conf",
    (
        ("127.0.0.1:8080", "127.0.0.1:{service}"), ("<VirtualHost *:443>", "<VirtualHost 127.0.0.1:{tls}>"),
        ("<VirtualHost *:80>", "<VirtualHost 127.0.0.1:{plain}>"), (" /var/www/acme/.", " {folder}/acme/."),
        ("<Directory /var/www/acme>", "<Directory {folder}/acme>"),
        (CERTIFICATE, "{folder}/cert.pem"), (KEY, "{folder}/key.pem"),
    ),
    idle=r" ttl=(\d+) ",
    client_idle=r"^ *KeepAliveTimeout (\d+)$",
    around="ServerRoot {folder}\nDefaultRuntimeDir {folder}\nPidFile {folder}/apache.pid\nErrorLog {folder}/error.log\n"
    "User www-data\nGroup www-data\nServerName localhost\nListen 127.0.0.1:{tls}\nListen 127.0.0.1:{plain}\n"
    "<Directory />\nAllowOverride None\nRequire all denied\n</Directory>\n"
    + "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in APACHE_MODULES)
    + "Include /etc/apache2/mods-available/deflate.conf\nInclude /etc/apache2/mods-available/reqtimeout.conf\n"
    "Include /etc/apache2/mods-available/mime.conf\nCustomLog {folder}/access.log \"%r\"\nInclude {folder}/site\n",
    command=("apache2", "-DFOREGROUND", "-f", "{folder}/configuration"),
    check=("-t",),
    adds=("content-type", "content-language"),
    protocols=("--http1.1",),
)
HAPROXY = Proxy(
    "HAProxy", "haproxy.cfg",
    (
        ("127.0.0.1:8080", "127.0.0.1:{service}"), ("127.0.0.1:8888", "127.0.0.1:{acme}"),
        ("bind :443 ", "bind 127.0.0.1:{tls} "), ("bind :80\n", "bind 127.0.0.1:{plain}\n"),
        (CERTIFICATE, "{folder}/both.pem"), ("log /dev/log local0", "log stdout format raw local0"),
    ),
    idle=r" pool-max-conn (0)$",
    client_idle=r"^ *timeout http-keep-alive (\d+)s$",
    left_out=r"^ *(chroot|user|group) .*\n",
    around="",
    command=("haproxy", "-db", "-f", "{folder}/configuration"),
    check=("-c",),
    challenges="forwarded",
)
PROXIES = (NGINX, CADDY, APACHE, HAPROXY)


def checks():
    """One check for each proxy, with a name of its own."""
    for proxy in PROXIES:
        check = functools.partial(passes_requests_on, proxy)
        check.__name__ = f"{proxy.name.lower()}_passes_requests_on"
        yield check


def proxies_close_idle_connections_first(_):
    """Or a request is lost that one sends just as the other closes the connection."""
    _, said = run(BINARY, "--help", env={})
    ours = int(re.search(r"--keep-alive.*?\[default: (\d+)\]", said, re.DOTALL).group(1))
    for proxy in PROXIES:
        example = (DEPLOY / proxy.file).read_text()
        (theirs,) = re.findall(proxy.idle, example, re.MULTILINE)
        assert int(theirs) < ours, f"{proxy.name} keeps connections {theirs} s, the service {ours} s"
        if proxy.client_idle:
            (clients,) = re.findall(proxy.client_idle, example, re.MULTILINE)
            assert int(clients) >= ours, f"{proxy.name} keeps its clients' connections {clients} s, the service {ours} s"


def configured(proxy, places):
    """Writes the example with this machine's ports and files; returns the command that runs the proxy."""
    example = (DEPLOY / proxy.file).read_text()
    for found, put in proxy.replaced:
        assert example.count(found) == 1, f"{found!r} is {example.count(found)} times in {proxy.file}"
        example = example.replace(found, put.format(**places))
    example = re.sub(proxy.left_out, "", example, flags=re.MULTILINE)
    folder = places["folder"]
    (folder / "site").write_text(example)
    (folder / "configuration").write_text(proxy.around.format(**places) or example)
    return [word.format(**places) for word in proxy.command]


def certificate(folder, host=HOST):
    code, said = run(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}",
        "-addext", f"subjectAltName=DNS:{host}", "-keyout", folder / "key.pem", "-out", folder / "cert.pem",
    )
    assert code == 0, said
    (folder / "both.pem").write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())


def free_ports(number):
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


def wait_for(port, process):
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert process.poll() is None and time.monotonic() < deadline, "the proxy does not listen"
            time.sleep(0.05)


@contextlib.contextmanager
def running(command, folder, port):
    """The proxy's process; everything that it prints is in its log."""
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "output.log").open("w") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
    try:
        wait_for(port, process)
        yield
    except AssertionError as error:
        raise AssertionError(f"{error}\n{(folder / 'output.log').read_text()[-2000:]}") from error
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def passes_requests_on(proxy, folder):
    # For proxies that give up their rights.
    folder.chmod(0o711)
    server = Server(folder)
    try:
        provision(server)
        tls, plain, acme = free_ports(3)
        places = {"folder": folder, "service": server.port, "tls": tls, "plain": plain, "acme": acme}
        certificate(folder)
        command = configured(proxy, places)
        if proxy.check:
            code, said = run(*command, *proxy.check)
            assert code == 0 and "warn" not in said.lower(), said
        with running(command, folder, tls):
            encrypted_requests(proxy, server, folder, tls)
            unencrypted_requests(proxy, folder, plain, acme)
            server = restarts_are_noticed(server, folder, client(proxy, folder, tls))
        for log in folder.glob("*.log"):
            assert log.name == "server.log" or TOKEN not in log.read_text(), f"{log.name} has the token"
    finally:
        server.stop()


def client(proxy, folder, tls, protocol="--http1.1"):
    there = ("--cacert", folder / "cert.pem", "--resolve", f"{HOST}:{tls}:127.0.0.1")
    return passing.Client(f"https://{HOST}:{tls}", protocol, *there, adds=proxy.adds)


def encrypted_requests(proxy, server, folder, tls):
    service = passing.Client(f"http://127.0.0.1:{server.port}")
    passing.provision_odd_names(service)
    passing.offers_to_upgrade_are_ignored(client(proxy, folder, tls), service)
    context = ssl.create_default_context(cafile=folder / "cert.pem")
    passing.uploads_arrive(tls, context)
    for protocol in proxy.protocols:
        proxied = client(proxy, folder, tls, protocol)
        passing.addresses_arrive_as_sent(proxied, service)
        passing.answers_keep_their_etag(proxied, service)
        passing.forms_and_json_arrive(proxied, service)
        passing.the_longest_location_fits(proxied, service)
        passing.files_pass(proxied, service, folder)
        passing.large_bodies_are_refused(proxied, folder, proxy.resets and protocol == "--http1.1")


def unencrypted_requests(proxy, folder, plain, acme):
    """Redirects reads, refuses writes, and lets an ACME client answer HTTP-01."""
    unencrypted = passing.Client(f"http://{HOST}:{plain}", "--resolve", f"{HOST}:{plain}:127.0.0.1")
    for target in (f"{passing.LINKS}?page=2", "/acme//hello/%2e/"):
        for method in ("-G", "--head"):
            status, headers, _ = unencrypted.ask(target, method)
            expected = (301, [f"https://{HOST}{target}"])
            assert (status, headers.get("location")) == expected, f"{method} {target}: {status} {headers}"
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        status, headers, _ = unencrypted.ask(passing.LINKS, "-X", method)
        assert (status, headers.get("location")) == (403, None), f"{method}: {status} {headers}"
    if proxy.challenges == "itself":
        return
    place = "/.well-known/acme-challenge"
    answers = folder / "acme" / place[1:]
    answers.mkdir(parents=True)
    (answers / "token").write_text("token.thumbprint")
    with contextlib.ExitStack() as stack:
        if proxy.challenges == "forwarded":
            stack.enter_context(acme_client(folder / "acme", acme))
        status, _, body = unencrypted.ask(f"{place}/token")
        assert (status, body) == (200, "token.thumbprint"), f"HTTP-01: {status} {body}"
        assert unencrypted.ask(f"{place}/other")[0] == 404


@contextlib.contextmanager
def acme_client(directory, port):
    """Serves files, as one that answers HTTP-01 itself would."""
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Handler, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield
        finally:
            server.shutdown()


def restarts_are_noticed(server, folder, proxied):
    """Without the service the answer is the proxy's; the first request after its start is answered again."""
    server.stop()
    for arguments in ((f"{passing.LINKS}?private_token={TOKEN}",), (passing.LINKS, "-H", f"PRIVATE-TOKEN: {TOKEN}")):
        status, _, _ = proxied.ask(*arguments)
        assert status in (502, 503), status
    server = Server(folder, port=server.port)
    assert proxied.ask(passing.LINKS)[0] == 200
    return server
