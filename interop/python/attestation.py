"""Has python-fido2 verify attestation objects.

Reads a line of JSON for each from standard input: check (a name), object, hash (of the
client data) and roots (certificates), all in hexadecimal. Prints a line of JSON for
each: its name, and why it is refused, or nothing.
"""

import json
import sys

from cryptography import x509
from fido2.attestation import AttestationVerifier
from fido2.webauthn import AttestationObject


class Verifier(AttestationVerifier):
    """Trusts the root that has the name of the last certificate's issuer."""

    def __init__(self, roots):
        super().__init__()
        self.roots = {x509.load_der_x509_certificate(root).subject: root for root in roots}

    def ca_lookup(self, result, auth_data):
        last = x509.load_der_x509_certificate(result.trust_path[-1])
        return self.roots.get(last.issuer)


def refusal(asked):
    try:
        made = AttestationObject(bytes.fromhex(asked["object"]))
        roots = [bytes.fromhex(root) for root in asked["roots"]]
        Verifier(roots).verify_attestation(made, bytes.fromhex(asked["hash"]))
    except Exception as e:  # whatever it raises, it does not accept
        return repr(e) or "refused"
    return ""


for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"check": asked["check"], "wrong": refusal(asked)}))
