package attestation

import (
	"bytes"
	"encoding/asn1"
	"math/big"
)

// Defects of signatures. Those of the message are for the step that verifies the
// signature; so are those of the signature, as §6.5.5 leaves it one encoding.

// bitFlipped has one bit changed, and its DER structure whole.
func bitFlipped(signature []byte) []byte {
	if len(signature) == 0 {
		return []byte{1}
	}
	signature = bytes.Clone(signature)
	signature[len(signature)-1] ^= 1
	return signature
}

// concatenated is an ECDSA signature as r ‖ s, as JOSE has it, or half a signature of
// another kind.
func concatenated(signature []byte) []byte {
	var numbers struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &numbers); err != nil {
		return signature[:len(signature)/2]
	}
	size := (max(numbers.R.BitLen(), numbers.S.BitLen()) + 7) / 8
	out := make([]byte, 2*size)
	numbers.R.FillBytes(out[:size])
	numbers.S.FillBytes(out[size:])
	return out
}

// spoiledSignatures are of statements with a member sig.
var spoiledSignatures = []memberDefect{
	{"sig-bit-flip", "One bit of the signature is flipped.", func(s statement) { s["sig"] = bitFlipped(s["sig"].([]byte)) }},
	{"sig-empty", "The signature is empty.", func(s statement) { s["sig"] = []byte{} }},
	{"sig-raw", "The signature is r ‖ s, where §6.5.5 wants it in DER.", func(s statement) { s["sig"] = concatenated(s["sig"].([]byte)) }},
	{"sig-trailing-byte", "A byte follows the signature's DER.", func(s statement) { s["sig"] = append(bytes.Clone(s["sig"].([]byte)), 0) }},
}

// messageDefect is one of what is signed.
type messageDefect struct {
	what, doc string
	message   func(*Subject) []byte
}

// spoiledMessages are of statements that sign authData ‖ clientDataHash.
var spoiledMessages = []messageDefect{
	{"sig-other-client-data", "The signature is over the hash of other client data.", func(s *Subject) []byte {
		return append(bytes.Clone(s.AuthData), bitFlipped(s.ClientDataHash)...)
	}},
	{"sig-other-auth-data", "The signature is over authenticator data with another flag.", func(s *Subject) []byte {
		const flagsAt, reserved = 32, 0x02
		message := s.message()
		message[flagsAt] ^= reserved
		return message
	}},
	{"sig-without-auth-data", "The signature is over the client data's hash alone.", func(s *Subject) []byte { return s.ClientDataHash }},
	{"sig-without-client-data", "The signature is over the authenticator data alone.", func(s *Subject) []byte { return s.AuthData }},
}

// ofMessages makes a format's defects of those of messages.
func ofMessages[D any](format, spec string, set func(*D, func(*Subject) []byte)) []Defect {
	made := make([]Defect, len(spoiledMessages))
	for i, d := range spoiledMessages {
		made[i] = Defect{ID: format + "/" + d.what, Format: format, Spec: spec, Doc: d.doc,
			bend: bend[D]{shape: func(draft *D) { set(draft, d.message) }}}
	}
	return made
}
