"""Counts checks."""

import traceback


class Outcomes:
    """Which checks passed, and what those found that failed."""

    # Of each check that fails.
    MOST_SHOWN = 100

    def __init__(self):
        self.passed = self.failed = 0

    def add(self, name, faults):
        """Adds a check, which passes if there are no faults."""
        self.passed += not faults
        self.failed += bool(faults)
        print(f"FAILED {name}: {len(faults)}" if faults else f"ok {name}", *faults[: self.MOST_SHOWN], sep="\n    ", flush=True)

    def attempt(self, check, *arguments):
        """Adds a function that fails by raising. One check's trouble does not keep the others from running."""
        try:
            check(*arguments)
        except Exception as error:
            if not isinstance(error, AssertionError):
                traceback.print_exc()
            self.add(check.__name__, [str(error) or repr(error)])
        else:
            self.add(check.__name__, [])

    def end(self):
        """Prints the last line of a suite; returns its exit code."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
