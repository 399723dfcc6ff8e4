"""Has python-fido2 and py_webauthn verify the registrations in a file.

Usage: verify.py CASES
Prints {"python-fido2": {ID: why it was refused, or ""}, "py_webauthn": the same}.
"""

import base64
import json
import sys
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fido2.attestation import Attestation, AttestationVerifier
from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import AttestationConveyancePreference, PublicKeyCredentialRpEntity
from webauthn import verify_registration_response
from webauthn.helpers.structs import AttestationFormat


class Roots(AttestationVerifier):
    """Trusts the root of a case that issued the end of the chain."""

    def __init__(self, roots):
        super().__init__([cls() for cls in Attestation.__subclasses__() if getattr(cls, "FORMAT", None)])
        self.roots = roots

    def ca_lookup(self, result, auth_data):
        if not result.trust_path:  # self attestation or none, which this relying party puts up with
            return self.roots[0]
        last = x509.load_der_x509_certificate(result.trust_path[-1])
        for root in self.roots:
            if x509.load_der_x509_certificate(root).subject == last.issuer:
                return root
        return None


def python_fido2(case):
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=case["rpId"], name="test"),
        attestation=AttestationConveyancePreference.DIRECT,
        verify_attestation=Roots([base64.b64decode(r) for r in case["roots"]]),
    )
    _, state = server.register_begin({"id": b"user", "name": "user"}, challenge=websafe_decode(case["challenge"]))
    server.register_complete(state, case["response"])


def py_webauthn(case):
    pems = [
        x509.load_der_x509_certificate(base64.b64decode(r)).public_bytes(Encoding.PEM) for r in case["roots"]
    ]
    verify_registration_response(
        credential=case["response"],
        expected_challenge=websafe_decode(case["challenge"]),
        expected_rp_id=case["rpId"],
        expected_origin=case["origin"],
        pem_root_certs_bytes_by_fmt={fmt: list(pems) for fmt in AttestationFormat},
    )


def verdict(verify, case):
    try:
        # Some statements may be seconds old and no more, however busy the machine is.
        with mock.patch("time.time", lambda: case["now"] / 1000):
            verify(case)
    except Exception as refusal:  # whatever a verifier raises is how it refuses
        return ", because of ".join(dict.fromkeys(told(refusal)))
    return ""


def told(refusal):
    """Says what was raised, and what was behind it."""
    while refusal is not None:
        yield f"{type(refusal).__name__}: {refusal}"
        refusal = refusal.__cause__ or refusal.__context__


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    verifiers = {"python-fido2": python_fido2, "py_webauthn": py_webauthn}
    json.dump({name: {c["id"]: verdict(v, c) for c in cases} for name, v in verifiers.items()}, sys.stdout)


if __name__ == "__main__":
    main()
