package attestation

import (
	"crypto"

	"github.com/passkeylab/passkeylab/webauthn"
)

// For tests that compare with what a TPM has.
var QualifiedName = qualifiedName

func AIKArea(algorithm webauthn.Algorithm, public crypto.PublicKey) ([]byte, error) {
	area, err := aikArea(algorithm, public)
	return area.encode(), err
}
