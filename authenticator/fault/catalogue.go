package fault

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/webauthn"
)

// catalogue is every fault, sorted by ID.
var catalogue = []Fault{
	CounterBackwards,
	UPMissing,
	UVMissing,
	OtherRPIDHash,
	SignatureBitFlip,
}

// Where things are in authenticator data (WebAuthn L3 §6.1).
const (
	rpIDHashEnd = 32
	flagsAt     = 32
	countAt     = 33
	countEnd    = 37
)

// onAuthData makes a seam of a change to a copy of the authenticator data. What
// is too short to be any is left alone.
func onAuthData(change func(authData []byte)) authenticator.Seams {
	return authenticator.Seams{AuthData: func(authData []byte) []byte {
		if len(authData) < countEnd {
			return authData
		}
		authData = slices.Clone(authData)
		change(authData)
		return authData
	}}
}

// Counters of CounterBackwards. The later one is above zero, because relying
// parties take zero for "does not count".
const (
	countWhenNew = 1000
	countLater   = 1
)

// CounterBackwards needs no memory: whatever signed in before, the counter of a
// new credential was higher.
var CounterBackwards = Fault{
	ID:   "counter/backwards",
	Spec: "WebAuthn L3 §7.2 step 22",
	Doc:  "A new credential says that it has signed 1000 times, every assertion after that says once, as a clone that missed the others would.",
	Seams: onAuthData(func(authData []byte) {
		count := uint32(countLater)
		if webauthn.Flags(authData[flagsAt]).Has(webauthn.AttestedData) {
			count = countWhenNew
		}
		binary.BigEndian.PutUint32(authData[countAt:], count)
	}),
}

// UPMissing clears the flag UP under the signature.
var UPMissing = Fault{
	ID:    "flags/up-missing",
	Spec:  "WebAuthn L3 §7.1 step 15, §7.2 step 16",
	Doc:   "The flag UP is clear though the user was present, and the signature covers that.",
	Seams: onAuthData(func(authData []byte) { authData[flagsAt] &^= byte(webauthn.UserPresent) }),
}

// UVMissing clears the flag UV under the signature.
var UVMissing = Fault{
	ID:    "flags/uv-missing",
	Spec:  "WebAuthn L3 §7.1 step 16, §7.2 step 17",
	Doc:   "The flag UV is clear though the user was verified, and the signature covers that.",
	Seams: onAuthData(func(authData []byte) { authData[flagsAt] &^= byte(webauthn.UserVerified) }),
}

// otherRPIDHash is of a name that nobody can have.
var otherRPIDHash = sha256.Sum256([]byte("somebody-else.invalid"))

// OtherRPIDHash signs for another relying party.
var OtherRPIDHash = Fault{
	ID:    "rpidhash/other-rp",
	Spec:  "WebAuthn L3 §7.1 step 14, §7.2 step 15",
	Doc:   "The RP ID hash is that of another relying party, and the signature covers it, so that only comparing the hash reveals it.",
	Seams: onAuthData(func(authData []byte) { copy(authData[:rpIDHashEnd], otherRPIDHash[:]) }),
}

// SignatureBitFlip flips the lowest bit of the last byte, which leaves the DER
// structure of an ECDSA signature whole.
var SignatureBitFlip = Fault{
	ID:   "signature/bit-flip",
	Spec: "WebAuthn L3 §7.1 step 22, §7.2 step 21",
	Doc:  "Every signature has one bit flipped, in assertions and in packed attestation statements.",
	Seams: authenticator.Seams{Sign: func(_, signature []byte) []byte {
		if len(signature) == 0 {
			return signature
		}
		signature = slices.Clone(signature)
		signature[len(signature)-1] ^= 1
		return signature
	}},
}
