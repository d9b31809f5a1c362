"""Python's urllib3, whose pool manager is what requests is built on, without second attempts."""

import os
import sys
import threading

import urllib3

over = threading.Event()
threads = int(os.environ["THREADS"])
pool = urllib3.PoolManager(maxsize=threads, ca_certs=os.environ["CERTIFICATE"], retries=False)


def write(writer):
    count = 0
    while not over.is_set():
        name = f"{writer}-{count}"
        links = f"{os.environ['RELEASES']}/{writer}-{count // 1000}/assets/links"
        body = '{"name":"%s","url":"https://files.example.com/%s"}' % (name, name)
        headers = {"Authorization": f"Bearer {os.environ['TOKEN']}", "Content-Type": "application/json"}
        try:
            said = pool.request("POST", links, body=body, headers=headers).status
        except urllib3.exceptions.HTTPError as error:
            said = repr(error)
        sys.stdout.write(f"{said} {name}\n")
        sys.stdout.flush()
        count += 1


writers = [threading.Thread(target=write, args=(f"{os.environ['NAME']}-{thread}",)) for thread in range(threads)]
for one in writers:
    one.start()
sys.stdin.read()
over.set()
for one in writers:
    one.join()
