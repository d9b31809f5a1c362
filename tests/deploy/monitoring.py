"""Metrics as Debian's Prometheus sees them: its linter, the alerts of docs/deploy, and every query of the dashboard."""

import json
import re
import shutil
import subprocess
import time
import urllib.parse

from proxies import free_ports
from programs import run
from server import PATIENCE, ROOT, TOKEN, Server, curl, provision

DEPLOY = ROOT / "docs" / "deploy"
PROMETHEUS = """
global: {{scrape_interval: 1s}}
rule_files: ["{folder}/alerts.yml"]
scrape_configs:
  - job_name: release-links
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def alerts_fire(folder):
    """Each alert fires in the state that it is about, and none while all is well."""
    shutil.copy(DEPLOY / "alerts.yml", folder)
    shutil.copy(ROOT / "tests" / "deploy" / "alerts.test.yml", folder)
    code, said = run("promtool", "test", "rules", folder / "alerts.test.yml")
    assert code == 0, said


def prometheus_understands_the_metrics(folder):
    """The linter finds nothing, a scrape works, and every query of the dashboard and of the alerts has an answer."""
    shutil.copy(DEPLOY / "alerts.yml", folder)
    port, own = free_ports(2)
    server = Server(folder, environment={"RELEASE_LINKS_METRICS_LISTEN": f"127.0.0.1:{port}"})
    prometheus = None
    try:
        provision(server)
        server.get("/acme/hello/-/releases/line%2Fv1/downloads/bin/hello")
        lints(port)
        (folder / "prometheus.yml").write_text(PROMETHEUS.format(folder=folder, port=port))
        prometheus = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{own}"],
            stdout=subprocess.DEVNULL, stderr=(folder / "prometheus.log").open("w"),
        )
        for query in dashboard() + alerts():
            answers(own, server, query)
    finally:
        if prometheus:
            prometheus.terminate()
            prometheus.wait(timeout=PATIENCE)
        server.stop()


def lints(port):
    text = curl(f"http://127.0.0.1:{port}/metrics")[2]
    assert TOKEN not in text and "acme" not in text, "the metrics have a token or a path"
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def dashboard():
    """The queries of the dashboard, with what Grafana puts in place of its variables."""
    board = json.loads((DEPLOY / "grafana.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(queries) > 10, queries
    put = {"$__rate_interval": "1m", "$instance": ".+", "$job": ".+"}
    return [re.sub("|".join(map(re.escape, put)), lambda found: put[found.group()], query) for query in queries]


def alerts():
    """The queries of the alerts without their thresholds: nothing is alarming here."""
    code, said = run("promtool", "check", "rules", DEPLOY / "alerts.yml")
    assert code == 0, said
    text = re.sub(r"\|\n +(.*)\n +(.*)", r"\1 \2", (DEPLOY / "alerts.yml").read_text())
    queries = re.findall(r"^ +expr: (.*)$", text, re.MULTILINE)
    assert len(queries) == text.count("alert:"), queries
    # A ratio of failures has no value before the first failure.
    return [re.sub(r" (==|>=?) [\w.]+$", "", query) for query in queries if "5.." not in query]


def answers(prometheus, server, query):
    """Prometheus finds something: a rate takes two scrapes, and requests in between."""
    target = f"http://127.0.0.1:{prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    deadline = time.monotonic() + PATIENCE
    found = None
    while not found:
        assert time.monotonic() < deadline, f"no answer to {query}"
        server.get("/api/v4/user")
        code, said = run("curl", "-sS", target)
        if code == 0:
            answer = json.loads(said)
            assert answer["status"] == "success", f"{query}: {answer}"
            found = answer["data"]["result"]
        time.sleep(0 if found else 0.2)
