package attestation_test

import (
	"path"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
)

// words are what a refusal says that is for the step of a defect, in the language of any
// verifier. Patterns are those of [path.Match] over defects; the first that fits counts.
type words struct {
	pattern string
	say     string // a regular expression, in any case
}

var wordsOf = []words{
	{"none/*", `none attestation|attestationObject was malformed|of null \(reading 'size'\)`},

	{"*/intermediate-expired", `expired|validity period`},
	{"*/intermediate-not-yet-valid", `not yet valid|validity period`},
	{"*/intermediate-missing", `issuer|trust anchor|no root`},
	{"*/intermediate-*", `invalid CA`},
	{"*/leaf-expired", `expired|validity period|not good after`},
	{"*/leaf-not-yet-valid", `not yet valid|validity period|not good before`},
	{"*/leaf-signature-wrong", `signature failure|InvalidSignature|trust anchor`},
	{"*/root-other", `issuer|trust anchor|known root|UntrustedAttestation`},
	{"*/version-*", `certificate version|version 3|x509 version`},
	{"*/ca-true", `\bCA\b`},
	{"*/basic-constraints-missing", `basic ?constraints`},
	{"*/ecdaa-key-id", `ECDAA|no attestation certificate|missing x5c`},
	{"*/aaguid-critical", `aaguid|unhandled critical extension`},
	{"*/aaguid-single-wrapped", `aaguid|inconsistent offset`},
	{"*/aaguid-*", `aaguid`},
	{"packed/firmware-critical", `firmware|unhandled critical extension`},
	{"packed/firmware-*", `firmware`},
	{"packed/serial-*", `serial`},

	{"*/x5c-order", `chain|\bCA\b|\bOU\b|common name|issued to|public key|extension|signature`},
	{"*/x5c-missing", `no attestation certificate|x5c|missing certificate`},
	{"packed/x5c-null", `signature|not verified`}, // as self attestation
	{"packed/x5c-empty", `signature|ArrayBuffer`},
	{"*/x5c-null", `no attestation certificate|missing x5c|missing certificate|not subscriptable`},
	{"*/x5c-empty", `missing x5c|missing certificate|no certificates|certificate path|out of range|'length'|ArrayBuffer`},
	{"*/x5c-with-root", `certificate path|chain`},
	{"*/x5c-*", `prepare leaf cert|root certificate|too many certificates|certificate path|type of Object|too big integer|inconsistent offset|asn1|'bytes'|base64|zero length|ArrayBuffer|not verified`},

	{"*/jws-alg-none", `JWS header alg|not verified`},
	{"*/jws-two-parts", `three parts|expected 3|'length'`},
	{"*/jws-*", `signature|not verified`},
	{"*/sig-missing", `no attestation signature|missing sig|'sig'`},
	{"*/self-sig-missing", `no attestation signature|missing sig|'sig'`},
	{"*/sig-text", `buffer`},
	{"*/self-sig-text", `buffer`},
	{"*/sig-empty", `signature|missing sig|not verified|zero length`},
	{"*/self-sig-empty", `signature|missing sig|not verified|zero length`},
	{"*/sig-raw", `signature|not verified|too big integer|inconsistent offset`},
	{"*/self-sig-raw", `signature|not verified|too big integer|inconsistent offset`},
	{"*/sig-*", `signature|not verified`},
	{"*/self-sig-*", `signature|not verified`},
	{"*/alg-missing", `contain alg|missing alg|'alg'`},
	{"*/self-alg-missing", `contain alg|missing alg|'alg'`},
	{"*/alg-*", `\balg\b|signature|not verified`},
	{"*/self-alg-*", `\balg\b|algorithm`},
	{"*/other-public-key", `public key`},

	{"android-key/all-applications-*", `allApplications`},
	{"android-key/challenge-*", `challenge`},
	{"android-key/description-missing", `extKeyStore|11129\.2\.1\.17`},
	{"android-key/origin-*", `origin`},
	{"android-key/purpose-*", `purpose`},
	{"android-safetynet/cts-*", `device integrity|ctsProfileMatch`},
	{"android-safetynet/host-*", `attest\.android\.com`},
	{"android-safetynet/response-empty", `missing response|JSON input|expected 3`},
	{"android-safetynet/response-missing", `missing response|no response|'response'`},
	{"android-safetynet/response-text", `ArrayBuffer|'decode'|bytes`},
	{"android-safetynet/timestamp-future", `timestamp`},
	{"android-safetynet/timestamp-*", `expired`},
	{"android-safetynet/ver-*", `\bver(sion)?\b`},
	{"apple/nonce-missing", `100\.8\.2`},
	{"*/nonce-*", `nonce`},
	{"fido-u2f/leaf-p384", `curve`},
	{"packed/subject-cn-*", `\bCN\b`},
	{"packed/subject-ou-*", `\bOU\b`},
	{"packed/subject-c-*", `\bC\b`},
	{"packed/subject-o-*", `\bO\b`},

	{"tpm/certinfo-extradata-*", `extra data|sign for authData`},
	{"tpm/certinfo-magic", `magic|generated value`},
	{"tpm/certinfo-sized", `magic|generated value`}, // which the size stands in the place of
	{"tpm/certinfo-missing", `certInfo`},
	{"tpm/certinfo-name-*", `attested name|valid name`},
	{"tpm/certinfo-type-*", `type|st_attest`},
	{"tpm/certinfo-truncated", `not enough data`},
	{"tpm/eku-*", `(extended|ext) ?key ?usage`},
	{"tpm/pubarea-kind", `did not match|not RSA`},
	{"tpm/pubarea-parameters", `curve`},
	{"tpm/pubarea-*", `pubArea|unique`},
	{"tpm/san-manufacturer-missing", `alt(ernative)? ?name`},
	{"tpm/san-manufacturer-*", `manufacturer`},
	{"tpm/san-*", `alt(ernative)? ?name`},
	{"tpm/subject-not-empty", `subject`},
	{"tpm/ver-*", `\bver\b`},
}

func matches(pattern, id string) bool {
	ok, err := path.Match(pattern, id)
	return ok && err == nil
}

// Each defect that some verifier refuses has words, and each words a defect.
func TestDefectsHaveWords(t *testing.T) {
	t.Parallel()
	needed := map[words]bool{}
	for _, d := range attestation.Defects() {
		found := false
		for _, w := range wordsOf {
			if matches(w.pattern, d.ID) {
				needed[w], found = true, true
				break
			}
		}
		assert.True(t, found || !refusedBySome(d), "%s: nothing says what its refusal is for", d.ID)
	}
	for _, w := range wordsOf {
		assert.True(t, needed[w], "%s: it is for no defect", w.pattern)
	}
}

// refusedBySome reports whether a verifier that is asked here knows a defect's format and
// refuses it.
func refusedBySome(d attestation.Defect) bool {
	for _, v := range attestationtest.Verifiers {
		_, lacks := v.RefusesWhole(d.Format)
		if _, accepted := v.Accepts(d.ID); !v.InGo && !lacks && !accepted {
			return true
		}
	}
	return false
}
