package profile

import (
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/webauthn"
)

// products are in no order of their own.
var products = slices.Concat(apple, google, microsoft, chromium, managers, yubico, keys)

// catalogue is every profile, in the order of [All].
var catalogue = slices.Concat(own, slices.SortedFunc(slices.Values(products), func(a, b Profile) int {
	return strings.Compare(a.ID, b.ID)
}))

func list[T any](elements ...T) []T { return elements }

// id reads an AAGUID of the source text, which is right or the package does not
// start.
func id(hyphenated string) webauthn.AAGUID {
	id, err := webauthn.ParseAAGUID(hyphenated)
	if err != nil {
		panic(err)
	}
	return id
}

var (
	es256          = list(webauthn.ES256)
	es256AndEdDSA  = list(webauthn.ES256, webauthn.EdDSA)
	noAttestation  = Attestation{Format: webauthn.FormatNone, Type: AttestsNothing}
	selfAttested   = Attestation{Format: webauthn.FormatPacked, Type: AttestsSelf}
	internal       = list(webauthn.TransportInternal)
	internalHybrid = list(webauthn.TransportInternal, webauthn.TransportHybrid)
)

// notMade is why attestation differs.
const notMade = "without makers a device of the lab makes no statements of this format; AttestedBy has it make them"

// phoneToItself is why option plat differs.
const phoneToItself = "what is known was told to another computer; the lab's device also serves the browser on itself, to which it is a platform authenticator"

// prfInCTAP is why extensions differ.
const prfInCTAP = "CTAP knows prf as hmac-secret and hmac-secret-mc, and so does the lab's device"
