"""authenticatorBioEnrollment: a device learns a finger."""

from fido2.ctap import CtapError
from fido2.ctap2.bio import BioEnrollment, CaptureError, FPBioEnrollment
from key import RP_ID, Permission, equal, refused

ERR = CtapError.ERR
RESULT = BioEnrollment.RESULT


def fingers(key):
    token = key.token(Permission.BIO_ENROLL)
    return FPBioEnrollment(key.ctap, key.protocol, token)


def enrol(bio, captures):
    """Captures until a finger is learnt; how often, and its template's ID."""
    context = bio.enroll()
    for count in range(1, captures + 1):
        template = context.capture()
        if template:
            return count, template
    raise AssertionError(f"not learnt after {captures} captures")


def check_sensor(key):
    bio = FPBioEnrollment(key.ctap, key.protocol, None)
    equal(bio.get_modality(), BioEnrollment.MODALITY.FINGERPRINT, "modality")
    info = bio.get_fingerprint_sensor_info()
    equal(info[RESULT.FINGERPRINT_KIND], 1, "fingerprintKind")
    equal(info[RESULT.MAX_SAMPLES_REQUIRED], 4, "maxCaptureSamplesRequiredForEnroll")
    equal(info[RESULT.MAX_TEMPLATE_FRIENDLY_NAME], 64, "maxTemplateFriendlyName")


def check_enrol(key):
    key.set_pin()
    equal(key.ctap.info.options["bioEnroll"], False, "option bioEnroll")
    equal(key.ctap.info.options["uv"], False, "option uv")
    bio = fingers(key)
    equal(bio.enumerate_enrollments(), {}, "templates of a new device")
    count, template = enrol(bio, 4)
    equal(count, 4, "captures")
    bio.set_name(template, "thumb")
    equal(bio.enumerate_enrollments(), {template: "thumb"}, "templates")
    info = key.refresh()
    equal([info.options["bioEnroll"], info.options["uv"]], [True, True], "options")
    token = key.client_pin.get_uv_token(Permission.MAKE_CREDENTIAL, RP_ID)
    equal(key.make(token=token).auth_data.is_user_verified(), True, "user verified")
    bio = fingers(key)
    refused(ERR.INVALID_OPTION, bio.set_name, bytes(4), "nobody's")
    bio.remove_enrollment(template)
    refused(ERR.INVALID_OPTION, bio.remove_enrollment, template)
    equal(bio.enumerate_enrollments(), {}, "templates in the end")
    equal(key.refresh().options["uv"], False, "option uv")


def check_enrol_unnamed(key):
    key.set_pin()
    bio = fingers(key)
    _, template = enrol(bio, 4)
    equal(bio.enumerate_enrollments(), {template: ""}, "templates without a name")


def check_enrol_badly(key):
    """The user's first two touches are bad ones: they do not count."""
    key.set_pin()
    bio = fingers(key)
    context = bio.enroll()
    feedback, learnt = [], None
    while learnt is None and len(feedback) < 5:
        try:
            learnt = context.capture()
        except CaptureError as e:
            feedback.append(e.code)
    kinds = FPBioEnrollment.FEEDBACK
    equal(feedback, [kinds.FP_TOO_FAST, kinds.FP_POOR_QUALITY], "feedback")
    equal(learnt is not None, True, "learnt in the end")


def check_enrol_cancelled(key):
    key.set_pin()
    bio = fingers(key)
    context = bio.enroll()
    context.capture()
    context.cancel()
    equal(bio.enumerate_enrollments(), {}, "templates")


def check_enrol_unauthorised(key):
    key.set_pin()
    other = key.token(Permission.MAKE_CREDENTIAL, RP_ID)
    refused(ERR.PIN_AUTH_INVALID, FPBioEnrollment(key.ctap, key.protocol, other).enroll_begin)
