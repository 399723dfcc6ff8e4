//go:build interop

package attestation_test

import (
	"regexp"
	"strings"
	"testing"
)

// coarse is a refusal of a verifier that does not name its step.
type coarse struct {
	pattern string // of defects
	says    string
	why     string
}

const (
	breaksOff  = "It breaks off where what it goes on with is not there."
	sumsFirst  = "It takes the algorithm for that of a hash, which comes out otherwise."
	asOfKey    = "It takes the algorithm for that of the key, and cannot read one for it."
	noSuchName = "It knows no such algorithm, and says that it makes no key of one."
)

// coarseRefusals are all that are known, by the verifier's name. Whatever is not here says
// what [wordsOf] has.
var coarseRefusals = map[string][]coarse{
	"SimpleWebAuthn": {
		{"android-safetynet/x5c-missing", "Cannot read properties of null", breaksOff},
		{"tpm/certinfo-name-empty", "outside the bounds of the DataView", breaksOff},
		{"tpm/certinfo-sized", "outside the bounds of the DataView", breaksOff},
		{"tpm/certinfo-type-quote", "outside the bounds of the DataView", "It reads what was quoted as if it were certified before it looks at the type."},
		{"tpm/pubarea-namealg-null", "outside the bounds of the DataView", breaksOff},
		{"tpm/pubarea-sized", `Unexpected type "undefined"`, "It takes the size for the type of the key."},
	},
	"python-fido2": {
		{"*/x5c-missing", "'NoneType' object is not iterable", breaksOff},
		{"android-safetynet/jws-alg-none", "Creation from cryptography not supported", noSuchName},
		{"packed/alg-other-curve", "Point is not on the curve", asOfKey},
		{"packed/alg-other-key-type", "AssertionError", asOfKey},
		{"*/alg-text", "Creation from cryptography not supported", noSuchName},
		{"*/alg-unknown", "Creation from cryptography not supported", noSuchName},
		{"tpm/pubarea-kind", "AssertionError", "It asserts that keys are alike, without words."},
	},
	"py_webauthn": {
		{"android-key/origin-missing", "PyAsn1Error", breaksOff},
		{"android-key/purpose-missing", "PyAsn1Error", breaksOff},
		{"android-safetynet/x5c-missing", "'NoneType' object is not iterable", breaksOff},
		{"tpm/alg-text", "extra data did not match", sumsFirst},
		{"tpm/alg-unknown", "extra data did not match", sumsFirst},
		{"tpm/certinfo-name-*", "KeyError", breaksOff},
		{"tpm/certinfo-sized", "KeyError", breaksOff},
		{"tpm/pubarea-namealg-null", "KeyError", breaksOff},
		{"tpm/pubarea-sized", "KeyError", breaksOff},
		{"tpm/san-dns", "has no attribute 'oid'", breaksOff},
	},
}

// saysWhy looks for what a refusal has to say: that it is for the step of the defect, or
// what is known of it otherwise. used notes what was needed of the latter.
func saysWhy(t *testing.T, verifier, id, refusal string, used map[coarse]bool) {
	t.Helper()
	if says(id, refusal) {
		return
	}
	for _, c := range coarseRefusals[verifier] {
		if strings.Contains(refusal, c.says) && matches(c.pattern, id) {
			used[c] = true
			return
		}
	}
	t.Errorf("%s: refused for another reason than its own: %s", id, refusal)
}

// says reports whether a refusal is for the step of a defect.
func says(id, refusal string) bool {
	for _, w := range wordsOf {
		if matches(w.pattern, id) {
			return regexp.MustCompile(`(?i)` + w.say).MatchString(refusal)
		}
	}
	return false
}
