"""A relying party that has nothing but python-fido2's server.

Usage: python_fido2.py [ROOTS]; ROOTS is a folder with FORMAT.pem. Without it, attestation
is ignored, as it is by default.
"""

import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fido2.attestation import Attestation, AttestationVerifier
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity
from serve import RP_ID, RP_NAME, base64url, serve


class Roots(AttestationVerifier):
    """Trusts the roots in a folder, in every format that the package has."""

    def __init__(self, folder):
        super().__init__([cls() for cls in Attestation.__subclasses__() if getattr(cls, "FORMAT", None)])
        pems = b"".join(file.read_bytes() for file in sorted(Path(folder).glob("*.pem")))
        self.roots = x509.load_pem_x509_certificates(pems)

    def ca_lookup(self, attestation_result, auth_data):
        path = attestation_result.trust_path
        if not path:  # self attestation or none, which this relying party puts up with
            return self.roots[0].public_bytes(Encoding.DER)
        issuer = x509.load_der_x509_certificate(path[-1]).issuer
        return next((root.public_bytes(Encoding.DER) for root in self.roots if root.subject == issuer), None)


class Library:
    def __init__(self, verify_attestation):
        self.verify_attestation = verify_attestation

    def server(self, attestation="none"):
        return Fido2Server(
            PublicKeyCredentialRpEntity(id=RP_ID, name=RP_NAME),
            attestation=attestation,
            verify_attestation=self.verify_attestation,
        )

    def listed(self, user):
        return list(user.credentials.values())

    def creation_options(self, user, asked):
        selection = asked.get("authenticatorSelection", {})
        attestation = asked.get("attestation", "none")
        options, state = self.server(attestation).register_begin(
            PublicKeyCredentialUserEntity(id=user.id, name=user.name, display_name=user.display_name),
            self.listed(user),
            resident_key_requirement="required" if selection.get("requireResidentKey") else selection.get("residentKey"),
            user_verification=selection.get("userVerification"),
            authenticator_attachment=selection.get("authenticatorAttachment"),
        )
        return dict(options.public_key), (attestation, state)

    def register(self, answer, state):
        attestation, kept = state
        made = self.server(attestation).register_complete(kept, answer).credential_data
        return base64url(made.credential_id), made

    def request_options(self, user, asked):
        options, state = self.server().authenticate_begin(self.listed(user), asked.get("userVerification"))
        return dict(options.public_key), state

    def login(self, answer, state, credential):
        return self.server().authenticate_complete(state, [credential], answer)


if __name__ == "__main__":
    serve(Library(Roots(sys.argv[1]) if sys.argv[1:] else None))
