#!/usr/bin/env python3
"""Stops two servers behind nginx ten times, in order and in turn, while pooled clients write: no write may be lost or cut off.

The servers share one PostgreSQL database, and nginx is configured as docs/several-servers.md says.
"""

import collections
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
# The first wins: both have a module `server`.
sys.path[1:1] = [str(HERE.parent / "deploy"), str(HERE.parent / "clients")]

import nginx  # noqa: E402
import proxies  # noqa: E402
from outcomes import Outcomes  # noqa: E402
from programs import run  # noqa: E402
from server import PATIENCE, ROOT, TARGET, TOKEN, Server  # noqa: E402

STOPS = 10
THREADS = 3
# Each thread writes at least so many links between two stops.
BETWEEN = 10
# Each release may hold 1,000 links.
RELEASES = 10
JARS = ":".join(f"/usr/share/java/{jar}.jar" for jar in ("httpclient5", "httpcore5", "httpcore5-h2", "slf4j-api"))
CLIENTS = {
    "java": ("java", "HttpClientOfJava.java"),
    "apache": ("java", "-cp", JARS, "HttpClientOfApache.java"),
    "go": ("net_http.go",),
    "urllib3": ("/usr/bin/python3", "urllib3_pool.py"),
    "curl": ("/usr/bin/python3", "curl_multi.py"),
    "ruby": ("/usr/bin/ruby", "net_http_persistent.rb"),
    "node-agent": ("node", "node_agent.cjs"),
    "node-fetch": ("node", "node_fetch.cjs"),
}
# What nginx says of a connection that a server closed when it should not have. Of a client that closes its own, it says `[info]`.
CUT_OFF = re.compile(r"\[error\].*(?:prematurely closed|reset by peer|no live upstreams|timed out)")


def main():
    for package, binary in (("app", "release-links"), ("cluster", "release-links-cluster")):
        command = ["cargo", "build", "--quiet", "--package", f"release-links-{package}", "--bin", binary]
        subprocess.run(command, cwd=ROOT, check=True)
    outcomes = Outcomes()
    with tempfile.TemporaryDirectory(prefix="release-links-stops-") as folder:
        try:
            stop_under_writers(outcomes, pathlib.Path(folder))
        except Exception as error:  # what was found out until then is printed all the same
            traceback.print_exc()
            outcomes.add("the run", [repr(error)])
    return outcomes.end()


class Client:
    """A program that writes without a pause until its stdin ends, and says of each write how it ended."""

    def __init__(self, name, folder, releases):
        *command, source = CLIENTS[name]
        source = HERE / "clients" / source
        command = [*command, str(source)] if command else [compiled(source, folder)]
        certificate = str(folder / "cert.pem")
        environment = {
            **os.environ, "RELEASES": releases, "TOKEN": TOKEN, "NAME": name, "THREADS": str(THREADS),
            "CERTIFICATE": certificate, "NODE_EXTRA_CA_CERTS": certificate,
            "JDK_JAVA_OPTIONS": f"-Djavax.net.ssl.trustStore={folder}/trusted -Djavax.net.ssl.trustStorePassword=public",
        }
        self.name = name
        self.written = collections.Counter()
        self.names = []
        self.failures = []
        self.log = folder / f"{name}.log"
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log.open("w"), env=environment, text=True,
        )
        self.reading = threading.Thread(target=self._read)
        self.reading.start()

    def _read(self):
        for line in self.process.stdout:
            status, _, name = line.rstrip("\n").rpartition(" ")
            if status == "201":
                self.names.append(name)
                self.written[name.rpartition("-")[0]] += 1
            else:
                self.failures.append(line.rstrip("\n"))

    def least(self):
        """How many links the thread has written that has written fewest."""
        return min(self.written.values()) if len(self.written) == THREADS else 0

    def end(self):
        """Lets the writes in flight end; returns the exit code."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.reading.join()
        return self.process.wait()


def compiled(source, folder):
    """The program of a source that Go compiles."""
    environment = {**os.environ, "GOCACHE": str(TARGET / "go-cache"), "GO111MODULE": "off"}
    code, said = run("go", "build", "-o", folder / "program", source, env=environment)
    assert code == 0, said
    return str(folder / "program")


class Database:
    """A throw-away PostgreSQL server, which ends with this process."""

    def __init__(self):
        command = [TARGET / "debug" / "release-links-cluster"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write("stops\n")
        self.process.stdin.flush()
        self.url = self.process.stdout.readline().strip()
        assert self.url, "there is no PostgreSQL server"

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def stop_under_writers(outcomes, folder):
    database = Database()
    servers, clients = [], []
    try:
        ports = proxies.free_ports(2)
        settings = {"RELEASE_LINKS_DATABASE": database.url, **nginx.settings()}
        for port in ports:
            (folder / str(port)).mkdir()
            servers.append(Server(folder / str(port), port=port, environment=settings))
        with nginx.running(folder, ports) as port:
            project = Api(servers[0]).provision()
            releases = f"https://localhost:{port}/api/v4/projects/{project}/releases"
            clients += [Client(name, folder, releases) for name in CLIENTS]
            await_writes(clients, [0] * len(clients), servers)
            codes = [stop_and_start(servers, number % 2, clients, settings) for number in range(STOPS)]
            ends = {client.name: client.end() for client in clients}
        outcomes.add(f"each of {STOPS} stops ended with exit code 0", [code for code in codes if code != 0])
        outcomes.add("each client ended", [f"{name}: {code}" for name, code in ends.items() if code])
        for client in clients:
            outcomes.add(f"{client.name} wrote {len(client.names)} links, and none was refused or cut off", client.failures)
        stored = collections.Counter(Api(servers[0]).names(project))
        acknowledged = collections.Counter(name for client in clients for name in client.names)
        differing = [name for name in stored | acknowledged if (stored[name], acknowledged[name]) != (1, 1)]
        outcomes.add(f"each of {acknowledged.total()} acknowledged links is there once, and no other", differing)
        log = (folder / "site.log").read_text().splitlines()
        outcomes.add("no server cut nginx off", [line for line in log if CUT_OFF.search(line)])
        # How many depends on which server nginx would have asked next when one was gone, so there may be none.
        elsewhere = sum("while connecting to upstream" in line for line in log)
        print(f"   nginx took {elsewhere} requests elsewhere that found no server")
    finally:
        for client in clients:
            client.process.kill()
        for server in servers:
            server.stop()
        database.stop()


def stop_and_start(servers, which, clients, settings):
    """Stops one server in order and starts it again; returns its exit code once all clients have written on."""
    port = int(servers[which].port)
    began = time.monotonic()
    servers[which].process.terminate()
    code = servers[which].process.wait(timeout=PATIENCE)
    ended = time.monotonic()
    before = [client.least() for client in clients]
    servers[which] = Server(servers[which].log.parent, port=port, environment=settings)
    await_writes(clients, before, servers)
    print(f"   stopped in {ended - began:.1f} s with exit code {code}; all wrote on within {time.monotonic() - ended:.1f} s", flush=True)
    return code


def await_writes(clients, before, servers):
    """Waits until every thread has written some more links, and each server has had some of them."""
    deadline = time.monotonic() + 3 * PATIENCE
    while not all(client.least() >= least + BETWEEN for client, least in zip(clients, before)) or not all(map(serves, servers)):
        for client in clients:
            assert client.process.poll() is None, f"{client.name} ended: {client.log.read_text()[-2000:]}"
            assert not client.failures or client.written, f"{client.name} cannot write: {client.failures[0]}"
        slow = [f"{client.name}: {client.least()} links\n{client.log.read_text()[-500:]}" for client in clients]
        assert time.monotonic() < deadline, "\n".join(("too slow", *slow))
        time.sleep(0.05)


def serves(server):
    """Whether it has answered a write since its start."""
    return "method=POST" in server.log.read_text()


class Api:
    """One connection to a server, for what is made before the writers start and read after they end."""

    TAGS = [f"{name}-{thread}-{number}" for name in CLIENTS for thread in range(THREADS) for number in range(RELEASES)]

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", int(server.port))

    def ask(self, method, target, body=None):
        headers = {"PRIVATE-TOKEN": TOKEN, "Content-Type": "application/json"}
        self.connection.request(method, f"/api/v4/projects{target}", body and json.dumps(body), headers)
        answer = self.connection.getresponse()
        said = answer.read()
        assert answer.status in (200, 201), f"{method} {target}: {answer.status} {said}"
        return json.loads(said)

    def provision(self):
        """Creates a project and the releases that the clients write into; returns the project's id."""
        project = self.ask("POST", "", {"name": "stops"})["id"]
        for tag in self.TAGS:
            self.ask("POST", f"/{project}/releases", {"tag_name": tag})
        return project

    def names(self, project):
        """The names of all links of all releases."""
        for tag in self.TAGS:
            yield from (link["name"] for link in self.ask("GET", f"/{project}/releases/{tag}")["assets"]["links"])


if __name__ == "__main__":
    sys.exit(main())
