package fault

import (
	"crypto/sha256"

	"github.com/passkeylab/passkeylab/ctap"
)

// Where things are in authenticator data (WebAuthn L3 §6.1).
const (
	rpIDHashEnd = 32
	flagsAt     = 32
	countAt     = 33
	countEnd    = 37
)

const hashCompared = "WebAuthn L3 §7.1 step 14, §7.2 step 15"

// otherRPIDHash is of a name that nobody can have.
var otherRPIDHash = sha256.Sum256([]byte("somebody-else.invalid"))

// OtherRPIDHash signs for another relying party.
var OtherRPIDHash = Fault{
	ID:    "rpidhash/other-rp",
	Spec:  hashCompared,
	Doc:   "The RP ID hash is that of another relying party, and the signature covers it, so that only comparing the hash reveals it.",
	Seams: onAuthData(inPlace(func(authData []byte) { copy(authData[:rpIDHashEnd], otherRPIDHash[:]) })),
}

func rpIDHashFaults() []Fault {
	return []Fault{
		OtherRPIDHash,
		{
			ID: "rpidhash/zero", Spec: hashCompared,
			Doc:   "The RP ID hash is 32 bytes of zero, and the signature covers it.",
			Seams: onAuthData(inPlace(func(authData []byte) { clear(authData[:rpIDHashEnd]) })),
		},
		hashOfOrigin(),
	}
}

// hashOfOrigin remembers the RP ID of the request in progress.
func hashOfOrigin() Fault {
	var hash [sha256.Size]byte
	seams := onAuthData(inPlace(func(authData []byte) { copy(authData, hash[:]) }))
	seams.Request = func(req ctap.Request) ctap.Request {
		switch r := req.(type) {
		case *ctap.MakeCredentialRequest:
			hash = sha256.Sum256([]byte("https://" + r.RP.ID))
		case *ctap.GetAssertionRequest:
			hash = sha256.Sum256([]byte("https://" + r.RPID))
		}
		return req
	}
	return Fault{
		ID: "rpidhash/of-origin", Spec: hashCompared,
		Doc:   "The RP ID hash is that of the origin \"https://\" and the RP ID, and the signature covers it.",
		Seams: seams,
	}
}
