package attestationtest

// Why verifiers let defects pass.
const (
	looksAtWhatItNeeds = "It reads the members that it needs and does not look at others."
	x509DoesNotMind    = "It has crypto/x509 follow the path, which a certificate too many does not disturb."
	noExtension        = "It knows no such extension."
)

// GoWebauthnAccepts says why go-webauthn v0.18.2 lets defects pass, by their IDs, where
// it has metadata of the model with its root.
var GoWebauthnAccepts = map[string]string{
	"android-key/boot-unlocked":        "It looks at no more of the description than the steps of §8.4, which leave out the root of trust.",
	"android-key/extra-member":         looksAtWhatItNeeds,
	"android-safetynet/extra-member":   looksAtWhatItNeeds,
	"apple/x5c-with-root":              x509DoesNotMind,
	"fido-u2f/extra-member":            looksAtWhatItNeeds,
	"none/null":                        "It decodes null as a map without members.",
	"packed/aaguid-empty":              "It compares only what is not empty.",
	"packed/aaguid-trailing-byte":      "It does not look at what follows the inner OCTET STRING.",
	"packed/basic-constraints-missing": "It asks whether the certificate is an authority's, not whether it says so.",
	"packed/ecdaa-key-id":              "It looks at ecdaaKeyId only where there is no x5c.",
	"packed/extra-member":              looksAtWhatItNeeds,
	"packed/firmware-negative":         noExtension,
	"packed/self-extra-member":         looksAtWhatItNeeds,
	"packed/serial-without-enterprise": noExtension,
	"packed/subject-o-printable":       "It compares the text, whatever its string type.",
	"packed/x5c-with-root":             x509DoesNotMind,
	"tpm/certinfo-trailing":            "go-tpm reads a structure and leaves what follows alone.",
	"tpm/san-manufacturer-without-id":  "It takes the letters and colon away where they are, and asks for none.",
	"tpm/san-not-critical":             "It does not look whether the alternative name is critical.",
	"tpm/extra-member":                 looksAtWhatItNeeds,
}
