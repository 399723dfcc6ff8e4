"""Fingerprints."""

from credential import PERMISSION
from fido2.ctap2 import FPBioEnrollment
from fido2.ctap2.bio import BioEnrollment, CaptureError
from request import tell

PATIENCE = 10_000  # ms for each touch


def enrolment(q):
    token = q.token(PERMISSION.BIO_ENROLL)
    return FPBioEnrollment(q.ctap, q.client_pin.protocol, token)


def info(q):
    found = FPBioEnrollment(q.ctap, None, None).get_fingerprint_sensor_info()
    tell("kind", found[BioEnrollment.RESULT.FINGERPRINT_KIND])
    tell("samples", found[BioEnrollment.RESULT.MAX_SAMPLES_REQUIRED])


def enroll(q):
    fingers = enrolment(q)
    context, done, touches = fingers.enroll(PATIENCE), None, 0
    while done is None:
        sample = 0
        try:
            done = context.capture()
        except CaptureError as poor:
            sample = int(poor.code)
        tell(f"sample.{touches}", sample)
        touches += 1
    tell("touches", touches)
    tell("id", done)
    if q.get("name"):
        fingers.set_name(done, q.get("name"))


def listing(q):
    found = enrolment(q).enumerate_enrollments()
    tell("templates", len(found))
    for i, (template, name) in enumerate(found.items()):
        tell(f"id.{i}", template)
        tell(f"name.{i}", name or "")


COMMANDS = {
    "bio-info": info,
    "bio-enroll": enroll,
    "bio-list": listing,
    "bio-name": lambda q: enrolment(q).set_name(q.bytes("id"), q.get("name")),
    "bio-delete": lambda q: enrolment(q).remove_enrollment(q.bytes("id")),
}
