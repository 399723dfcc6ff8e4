package attestationtest

// simpleWebAuthn has the root of the format, and is asked to insist on
// ctsProfileMatch.
var simpleWebAuthn = Verifier{Name: "SimpleWebAuthn", Version: "14.0.3", Lacks: []string{"compound"}, accepts: map[string]string{
	"*/extra-member":                      looksAtWhatItNeeds,
	"*/intermediate-not-ca":               signaturesAlone,
	"*/intermediate-without-cert-sign":    signaturesAlone,
	"*/sig-trailing-byte":                 "It reads r and s, and not what follows them.",
	"android-key/boot-unlocked":           descriptionAsInSpec,
	"android-key/origin-*":                "It does not read the origin.",
	"android-key/purpose-*":               "It does not read the purpose.",
	"android-safetynet/timestamp-missing": "It compares what is not there with the time, and no comparison holds.",
	"android-safetynet/ver-number":        "It asks whether there is a version, not of which type.",
	"fido-u2f/leaf-p384":                  "It does not ask for the curve of the certificate's key.",
	"fido-u2f/x5c-two":                    "It takes the first certificate and does not count them.",
	"none/array":                          "It asks for the number of members, of which an array has none.",
	"none/bytes":                          "It asks for the number of members, of which a byte string has none.",
	"packed/aaguid-critical":              noCritical,
	"packed/aaguid-trailing-byte":         "It does not look at what follows the inner OCTET STRING.",
	"packed/alg-other-key-type":           "It verifies with the certificate's key, and takes but the hash from the algorithm.",
	"packed/basic-constraints-missing":    notWhetherItSaysSo,
	"packed/ecdaa-key-id":                 looksAtWhatItNeeds,
	"packed/firmware-critical":            noCritical,
	"packed/firmware-negative":            noExtension,
	"packed/self-alg-other":               "It verifies with the credential's key, and takes but the hash from the algorithm.",
	"packed/self-extra-member":            looksAtWhatItNeeds,
	"packed/self-sig-trailing-byte":       "It reads r and s, and not what follows them.",
	"packed/serial-without-enterprise":    noExtension,
	"packed/subject-c-lower-case":         countsLetters,
	"packed/subject-c-twice":              "It takes one of them.",
	"packed/subject-c-unassigned":         countsLetters,
	"packed/subject-o-printable":          anyStringType,
}, refuses: map[string]string{
	"android-key, t*certificates": "It takes the last certificate of x5c for the root, which is not there in these chains.",
	"packed, ES512":               "It has no certificates with keys on P-521.",
	"packed, EdDSA":               "It has no certificates with keys of Ed25519.",
}}
