"""Java's HttpClient and HttpURLConnection: thousands of mixed requests, and writes on connections that were idle."""

import subprocess

import script

KINDS = ("h2c", "http1", "urlconnection")
# For each kind: threads that send mixed requests, how often, and threads that pause between writes.
WORKERS, CYCLES, IDLE_WORKERS = 4, 65, 60
STEPS = [f"{step}-{kind}" for kind in KINDS for step in ("mixed", "idle")]


def install(packages):
    packages.command("javac", "default-jdk-headless")
    version = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    return version.splitlines()[0]


def command(packages):
    # HttpURLConnection keeps five connections unless told otherwise.
    return ["java", "-Dhttp.maxConnections=100", "Requests.java", WORKERS, CYCLES, IDLE_WORKERS]


def releases(facts):
    """Of each worker's links every other is left, renamed; the idle writes give each release its description."""
    return {
        f"{kind}-{worker}": {
            "description": f"{kind}-{worker}",
            "links": [
                script.link(f"renamed-{number}", f"https://downloads.example.com/{number}", "other", f"/bin/{number:04}")
                for number in range(CYCLES - 1, -1, -1) if number % 2 == 0
            ]
        }
        for kind in KINDS for worker in range(WORKERS)
    }
