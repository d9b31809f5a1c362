"""Sends what the clients send, and looks at what they require of the answers."""

import readers
import writers
from target import Target

readers.run(Target())
writers.run()
