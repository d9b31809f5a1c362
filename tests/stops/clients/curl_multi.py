"""libcurl's multi interface, whose handles share one cache of connections."""

import os
import select
import sys

import pycurl

headers = [f"Authorization: Bearer {os.environ['TOKEN']}", "Content-Type: application/json"]
multi = pycurl.CurlMulti()
over = False


def begin(handle):
    """The handle's next write."""
    handle.count += 1
    name = f"{handle.writer}-{handle.count}"
    body = '{"name":"%s","url":"https://files.example.com/%s"}' % (name, name)
    handle.setopt(pycurl.URL, f"{os.environ['RELEASES']}/{handle.writer}-{handle.count // 1000}/assets/links")
    handle.setopt(pycurl.POSTFIELDS, body)
    multi.add_handle(handle)


def end(handle, said):
    print(said, f"{handle.writer}-{handle.count}", flush=True)
    multi.remove_handle(handle)
    if not over:
        begin(handle)
    return over


handles = [pycurl.Curl() for _ in range(int(os.environ["THREADS"]))]
for number, each in enumerate(handles):
    each.writer, each.count = f"{os.environ['NAME']}-{number}", -1
    each.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    each.setopt(pycurl.CAINFO, os.environ["CERTIFICATE"])
    each.setopt(pycurl.HTTPHEADER, headers)
    each.setopt(pycurl.WRITEFUNCTION, len)
    begin(each)
running = len(handles)
while running:
    over = over or (bool(select.select([sys.stdin], [], [], 0)[0]) and not sys.stdin.buffer.read1())
    multi.perform()
    _, done, failed = multi.info_read()
    running -= sum(end(handle, handle.getinfo(pycurl.RESPONSE_CODE)) for handle in done)
    running -= sum(end(handle, said) for handle, _, said in failed)
    if not done and not failed:
        multi.select(0.1)
