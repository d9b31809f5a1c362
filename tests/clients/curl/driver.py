"""Drives curl."""

import script
from adapter import Adapter

import bodies
import credentials
import http_forms
import permanent_links

script.run(Adapter())
bodies.run()
credentials.run()
http_forms.run()
permanent_links.run()
