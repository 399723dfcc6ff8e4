"""Runs one check with python-fido2 against the card in a reader, over PC/SC.

Prints a line of JSON: what is wrong with the last commands exchanged, or nothing.
The checks are those of interop/python, and those below.
"""

import argparse
import json
import logging
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "python"))

import fido2_client
from fido2.ctap2 import ClientPin, Ctap2
from fido2.pcsc import CtapPcscDevice
from fido2.utils import LOG_LEVEL_TRAFFIC
from key import Key, Owner, equal
from smartcard.Exceptions import SmartcardException


class Card(Key):
    """A device in a reader."""

    def __init__(self, reader: str, protocol: int):
        (self.device,) = CtapPcscDevice.list_devices(reader)
        self.device.use_ext_apdu = EXTENDED
        self.ctap = Ctap2(self.device)
        ClientPin.PROTOCOLS = [p for p in ClientPin.PROTOCOLS if p.VERSION == protocol]
        self.client_pin = ClientPin(self.ctap)
        self.protocol = self.client_pin.protocol
        self.owner = Owner()


def check_atr(card):
    equal(card.device.get_atr().hex(), "3b8a80018073c021c0544649444f89", "ATR")


def check_taken_away(card):
    """In the middle of a request; whoever runs this sees to it."""
    try:
        card.ctap.selection()
    except SmartcardException:
        return
    raise AssertionError("the request has ended well")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--extended", action="store_true", help="extended lengths, not chains")
    arguments.add_argument("--protocol", type=int, choices=[1, 2], default=2)
    arguments.add_argument("reader")
    arguments.add_argument("check")
    given = arguments.parse_args()
    global EXTENDED
    EXTENDED = given.extended

    commands = fido2_client.LastReports()
    logger = logging.getLogger("fido2")
    logger.addHandler(commands)
    logger.setLevel(LOG_LEVEL_TRAFFIC)
    fido2_client.Key = Card
    every = {**fido2_client.checks(), "atr": check_atr, "taken-away": check_taken_away}
    wrong = fido2_client.run(every[given.check], given.reader, given.protocol, commands)
    print(json.dumps({"check": given.check, "wrong": wrong}))


if __name__ == "__main__":
    main()
