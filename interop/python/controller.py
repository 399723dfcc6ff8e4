"""Uses a device as python-fido2's own tests do with --controller URL: a robot
presses the key and switches the power of the port it is in.

Arguments: the socket, the URL. What is wrong ends it with a traceback.
"""

import sys
import urllib.request
from pathlib import Path

from fido2.ctap import STATUS, CtapError
from key import RP_ID, Key, Permission, equal, refused

ERR = CtapError.ERR


class Robot:
    """The five addresses that the tests know, and no more."""

    def __init__(self, url):
        self.url = url
        self._ask("/")

    def _ask(self, path):
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            answer.read()

    def touch(self, status):
        """Touches whenever the device begins to wait."""
        if status == STATUS.UPNEEDED:
            self._ask("/usb1/touch/off")
            self._ask("/usb1/touch/on")

    def lift(self):
        self._ask("/usb1/touch/off")

    def insert(self):
        self._ask("/usb1/power/on")

    def remove(self):
        self._ask("/usb1/touch/off")
        self._ask("/usb1/power/off")


def wrong_pins(key):
    for status in (ERR.PIN_INVALID, ERR.PIN_INVALID, ERR.PIN_AUTH_BLOCKED):
        refused(status, key.client_pin.get_pin_token, "not the PIN", Permission.MAKE_CREDENTIAL, RP_ID)


def main(path, url):
    robot = Robot(url)
    robot.lift()
    key = Key(path, 2)
    key.ctap.selection(on_keepalive=robot.touch)
    key.set_pin()
    wrong_pins(key)

    robot.remove()
    equal(Path(path).exists(), False, "there while it is out")
    try:
        key.device.ping(b"are you there?")
    except OSError:
        pass
    else:
        raise AssertionError("it answers without power")
    robot.insert()

    key = Key(path, 2)
    equal(len(key.token(Permission.MAKE_CREDENTIAL, RP_ID)), 32, "bytes of a token")
    key.ctap.reset(on_keepalive=robot.touch)
    equal(key.refresh().options["clientPin"], False, "option clientPin")
    robot.lift()


if __name__ == "__main__":
    main(*sys.argv[1:])
