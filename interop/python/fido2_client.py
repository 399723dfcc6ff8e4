"""Runs checks with python-fido2, each against its device at a unix socket.

Prints a line of JSON for each: its name, and what is wrong with the last reports
exchanged, or nothing. Ends with status 1 if anything is wrong.
"""

import argparse
import collections
import json
import logging
import sys
import traceback

import bioenrollment
import ceremonies
import clientpin
import config
import credentialmanagement
import device
import extensions
import largeblobs
import u2f
from fido2.utils import LOG_LEVEL_TRAFFIC
from key import Key

ROOMS = [
    device, ceremonies, clientpin, extensions, largeblobs,
    credentialmanagement, config, bioenrollment, u2f,
]  # fmt: skip


def checks():
    """Every function of a room that begins with check_, by its name after that."""
    return {
        name.removeprefix("check_").replace("_", "-"): function
        for room in ROOMS
        for name, function in vars(room).items()
        if name.startswith("check_")
    }


class LastReports(logging.Handler):
    """Keeps what went over the wire last."""

    def __init__(self):
        super().__init__(LOG_LEVEL_TRAFFIC)
        self.lines = collections.deque(maxlen=40)

    def emit(self, record):
        self.lines.append(record.getMessage())


def run(check, path, protocol, reports):
    """What is wrong, or nothing."""
    reports.lines.clear()
    try:
        key = Key(path, protocol)
        try:
            check(key)
        finally:
            key.device.close()
    except Exception:
        return "\n".join([traceback.format_exc(), *reports.lines])
    return ""


def main():
    every = checks()
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--list", action="store_true", help="list the checks")
    arguments.add_argument("--protocol", type=int, choices=[1, 2], default=2)
    arguments.add_argument("aims", nargs="*", metavar="CHECK=SOCKET")
    given = arguments.parse_args()
    if given.list:
        print("\n".join(sorted(every)))
        return 0

    reports = LastReports()
    logger = logging.getLogger("fido2")
    logger.addHandler(reports)
    logger.setLevel(LOG_LEVEL_TRAFFIC)
    failed = False
    for aim in given.aims:
        name, _, path = aim.partition("=")
        wrong = run(every[name], path, given.protocol, reports)
        print(json.dumps({"check": name, "wrong": wrong}), flush=True)
        failed = failed or bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
