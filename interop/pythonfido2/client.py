"""A client of passkeylab's devices that is nothing but Yubico's python-fido2
with another way to move reports. One command per run; see ../README.md."""

import sys

import bio
import credential
import device
import manage
import u2f
from fido2.ctap import CtapError
from fido2.ctap1 import ApduError
from link import open_device
from request import Request

COMMANDS = {
    **credential.COMMANDS,
    **device.COMMANDS,
    **manage.COMMANDS,
    **bio.COMMANDS,
    **u2f.COMMANDS,
}


def main(path, name, *arguments):
    with open_device(path) as dev:
        try:
            COMMANDS[name](Request(dev, arguments))
        except CtapError as refused:
            print(f"status={int(refused.code)}")
            print(f"means={refused.code!r}")
            return 1
        except ApduError as refused:
            print(f"status={refused.code}")
            return 1
    print("status=0")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
