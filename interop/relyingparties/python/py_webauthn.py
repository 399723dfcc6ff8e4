"""A relying party that has nothing but py_webauthn.

Usage: py_webauthn.py [ROOTS]; ROOTS is a folder with FORMAT.pem
"""

import re
import sys
from pathlib import Path

from serve import ORIGIN, RP_ID, RP_NAME, base64url, serve
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorAttachment,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)


def roots(folder):
    """The trust anchors of each format, in PEM."""
    one = re.compile(rb"-----BEGIN.*?-----END CERTIFICATE-----\n", re.DOTALL)
    files = {f: Path(folder, f"{f.value}.pem") for f in AttestationFormat}
    return {f: one.findall(file.read_bytes()) for f, file in files.items() if file.exists()}


class Library:
    def __init__(self, anchors):
        self.anchors = anchors

    def listed(self, user):
        return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(i)) for i in user.credentials]

    def creation_options(self, user, asked):
        selection = asked.get("authenticatorSelection", {})
        attachment, resident_key = selection.get("authenticatorAttachment"), selection.get("residentKey")
        options = generate_registration_options(
            rp_id=RP_ID,
            rp_name=RP_NAME,
            user_name=user.name,
            user_id=user.id,
            user_display_name=user.display_name,
            attestation=AttestationConveyancePreference(asked.get("attestation", "none")),
            exclude_credentials=self.listed(user),
            authenticator_selection=AuthenticatorSelectionCriteria(
                authenticator_attachment=attachment and AuthenticatorAttachment(attachment),
                resident_key=resident_key and ResidentKeyRequirement(resident_key),
                require_resident_key=selection.get("requireResidentKey", False),
                user_verification=UserVerificationRequirement(selection.get("userVerification", "preferred")),
            ),
        )
        return options_to_json_dict(options), (options.challenge, options.authenticator_selection.user_verification)

    def register(self, answer, state):
        made = verify_registration_response(
            credential=answer, pem_root_certs_bytes_by_fmt=self.anchors, **self.expected(state)
        )
        return base64url(made.credential_id), (made.credential_public_key, made.sign_count)

    def request_options(self, user, asked):
        options = generate_authentication_options(
            rp_id=RP_ID,
            allow_credentials=self.listed(user),
            user_verification=UserVerificationRequirement(asked.get("userVerification", "preferred")),
        )
        return options_to_json_dict(options), (options.challenge, options.user_verification)

    def login(self, answer, state, credential):
        key, count = credential
        used = verify_authentication_response(
            credential=answer, credential_public_key=key, credential_current_sign_count=count, **self.expected(state)
        )
        return key, used.new_sign_count

    def expected(self, state):
        challenge, verification = state
        return {
            "expected_challenge": challenge,
            "expected_rp_id": RP_ID,
            "expected_origin": ORIGIN,
            "require_user_verification": verification == UserVerificationRequirement.REQUIRED,
        }


if __name__ == "__main__":
    serve(Library(roots(sys.argv[1]) if sys.argv[1:] else None))
