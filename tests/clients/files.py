"""What the drivers that publish or install files of the server's own share."""

import os
import random
import urllib.request

from api import Api
from script import same

URL = os.environ["URL"]
ROOT = Api(URL, os.environ["ADMINISTRATOR_TOKEN"])
# More than one piece of a body.
SIZE = 200_000


def content(name, run="first"):
    """The bytes of a file, as one run publishes them."""
    return random.Random(f"{name} {run}").randbytes(SIZE)


def put(address, held):
    """Publishes a file of a package as the administrator."""
    headers = {"PRIVATE-TOKEN": ROOT.token, "Content-Type": "application/octet-stream"}
    request = urllib.request.Request(address, data=held, method="PUT", headers=headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        same(answer.status, 201)
