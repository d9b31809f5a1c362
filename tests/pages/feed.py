"""Reads a feed with feedparser, from stdin; prints titles and links as JSON, and fails if anything about it is odd."""

import json
import sys

import feedparser

feed = feedparser.parse(sys.stdin.buffer.read(), response_headers={"content-type": "application/atom+xml; charset=utf-8"})
if feed.bozo:
    sys.exit(f"not well-formed: {feed.bozo_exception}")
if feed.version != "atom10" or not feed.feed.id or not feed.feed.updated_parsed:
    sys.exit(f"no whole Atom feed: {feed.feed}")
lacking = [entry.title for entry in feed.entries if not (entry.id and entry.updated_parsed and entry.published_parsed)]
if lacking:
    sys.exit(f"lack an id or a date: {lacking}")
print(json.dumps([[entry.title, entry.link] for entry in feed.entries]))
