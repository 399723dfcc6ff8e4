package attestationtest

// GoWebauthn has metadata of the model, with its root.
var GoWebauthn = Verifier{Name: "go-webauthn", Version: "v0.18.2", InGo: true, accepts: map[string]string{
	"android-key/boot-unlocked":        descriptionAsInSpec,
	"android-key/extra-member":         looksAtWhatItNeeds,
	"android-safetynet/extra-member":   looksAtWhatItNeeds,
	"apple/x5c-with-root":              x509DoesNotMind,
	"fido-u2f/extra-member":            looksAtWhatItNeeds,
	"none/null":                        "It decodes null as a map without members.",
	"packed/aaguid-empty":              "It compares only what is not empty.",
	"packed/aaguid-trailing-byte":      "It does not look at what follows the inner OCTET STRING.",
	"packed/basic-constraints-missing": notWhetherItSaysSo,
	"packed/ecdaa-key-id":              "It looks at ecdaaKeyId only where there is no x5c.",
	"packed/extra-member":              looksAtWhatItNeeds,
	"packed/firmware-negative":         noExtension,
	"packed/self-extra-member":         looksAtWhatItNeeds,
	"packed/serial-without-enterprise": noExtension,
	"packed/subject-o-printable":       anyStringType,
	"packed/x5c-with-root":             x509DoesNotMind,
	"tpm/certinfo-trailing":            "go-tpm reads a structure and leaves what follows alone.",
	"tpm/san-manufacturer-without-id":  "It takes the letters and colon away where they are, and asks for none.",
	"tpm/san-not-critical":             "It does not look whether the alternative name is critical.",
	"tpm/extra-member":                 looksAtWhatItNeeds,
}}
