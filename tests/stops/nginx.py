"""nginx in front of two servers: docs/deploy/nginx.conf with the changes that docs/several-servers.md shows."""

import contextlib
import dataclasses
import re
import tomllib

import proxies
from programs import run
from server import ROOT

PAGE = (ROOT / "docs" / "several-servers.md").read_text()
UPSTREAM = re.compile(r"^upstream .*?^}\n", re.MULTILINE | re.DOTALL)
# What a test has in other places than an operator, besides the addresses.
REPLACED = tuple(pair for pair in proxies.NGINX.replaced if "8080" not in pair[0] and "error.log" not in pair[0])


def example():
    """The configuration of an operator who has done what the page says."""
    upstream, location = re.findall(r"```nginx\n(.*?)```", PAGE, re.DOTALL)
    text, count = UPSTREAM.subn(upstream, (ROOT / "docs" / "deploy" / "nginx.conf").read_text())
    assert count == 1
    for line in location.splitlines():
        text, count = re.subn(rf"^ *{line.split()[0]} .*$", line, text, flags=re.MULTILINE)
        assert count == 1, f"nginx.conf does not have what {line!r} replaces"
    return text


def settings():
    """The setting of each server that the page tells to make for nginx, as a variable; the others are addresses."""
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    return {"RELEASE_LINKS_DRAIN": str(tomllib.loads(block)["drain"])}


@contextlib.contextmanager
def running(folder, servers):
    """Runs nginx in front of servers on these ports of this host; yields its own port."""
    text = example()
    hosts = re.findall(r"^ *server ([\d.]+:8080)", text, re.MULTILINE)
    for host, port in zip(hosts, servers, strict=True):
        text = text.replace(host, f"127.0.0.1:{port}")
    # Of requests that fail, the test needs to know, and its queries have no tokens.
    text = text.replace("/var/log/nginx/error.log emerg", f"{folder}/site.log info")
    (folder / "example").write_text(text)
    tls, plain = proxies.free_ports(2)
    places = {"folder": folder, "tls": tls, "plain": plain}
    ours = dataclasses.replace(proxies.NGINX, file=folder / "example", replaced=REPLACED)
    proxies.certificate(folder, "localhost")
    stored = ("-keystore", folder / "trusted", "-storepass", "public")
    code, said = run("keytool", "-importcert", "-noprompt", "-file", folder / "cert.pem", *stored)
    assert code == 0, said
    with proxies.running(proxies.configured(ours, places), folder, tls):
        yield tls
