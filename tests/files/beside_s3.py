#!/usr/bin/env python3
"""Runs a command beside a server that speaks the protocol of S3, where the variables `AWS_…` say that it is. The server is moto's, which
keeps everything in memory and asks for no signature."""

import logging
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(1, str(HERE.parent / "clients"))

import packages  # noqa: E402

TARGET = pathlib.Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
PYTHON = ("moto[s3,server]==5.2.5",)


def main(command):
    python = packages.Packages(TARGET / "files").pip("python", *PYTHON)
    if sys.prefix == sys.base_prefix:
        # The interpreter that has the server.
        os.execv(python, [python, __file__, *command])
    from moto.server import ThreadedMotoServer

    # It would write a line a request between those of the command.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    place = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
    }
    try:
        return subprocess.run(command, env=os.environ | place).returncode
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
