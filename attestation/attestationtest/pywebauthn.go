package attestationtest

// pyWebauthn has the root of the format.
var pyWebauthn = Verifier{Name: "py_webauthn", Version: "3.0.1", Lacks: []string{"compound"}, accepts: map[string]string{
	"*/extra-member":                   looksAtWhatItNeeds,
	"*/x5c-with-root":                  "It has a library build the path, which a certificate too many does not disturb.",
	"android-key/boot-unlocked":        descriptionAsInSpec,
	"android-safetynet/cts-profile-*":  "It asks for basicIntegrity instead.",
	"android-safetynet/ver-number":     "It asks whether there is a version, not of which type.",
	"android-safetynet/x5c-base64url":  "It decodes both alphabets.",
	"none/array":                       "It reads the members that it knows, of which there are none.",
	"none/text-member":                 "It reads the members that it knows, of which there are none.",
	"packed/aaguid-empty":              noAAGUID,
	"packed/aaguid-other":              noAAGUID,
	"packed/aaguid-short":              noAAGUID,
	"packed/aaguid-single-wrapped":     noAAGUID,
	"packed/aaguid-trailing-byte":      noAAGUID,
	"packed/aaguid-zero":               noAAGUID,
	"packed/basic-constraints-missing": noRequirements,
	"packed/ca-true":                   noRequirements,
	"packed/ecdaa-key-id":              looksAtWhatItNeeds,
	"packed/firmware-negative":         noExtension,
	"packed/self-extra-member":         looksAtWhatItNeeds,
	"packed/serial-without-enterprise": noExtension,
	"packed/subject-*":                 noRequirements,
	"packed/version-1":                 noRequirements,
}, refuses: map[string]string{
	"android-key, software":       "It cannot read a key description whose list hardwareEnforced is empty.",
	"android-key, t*certificates": "It takes the last certificate of x5c for the root, which is not there in these chains.",
	"packed, ES384":               "It has no signatures of ES384.",
}}
