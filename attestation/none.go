package attestation

import (
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// none attests nothing (§8.7).
type none struct{ bend bend[noneDraft] }

// noneDraft is a none statement being made: anything but an empty map is a defect.
type noneDraft struct {
	about     *Subject
	statement any
}

// None returns an attester that says nothing about authenticators.
func None() Attester { return none{} }

func (none) Format() string { return webauthn.FormatNone }

func (n none) Attest(about *Subject) (canon.Raw, error) {
	draft := noneDraft{about: about, statement: statement{}}
	n.bend.spoiled(&draft)
	return encode(draft.statement)
}

func (n none) broken(b any) (Attester, bool) {
	bent, ok := b.(bend[noneDraft])
	return none{bent}, ok
}

const noneSyntax = "WebAuthn L3 §8.7, syntax"

// noneDefects are those of none statements.
var noneDefects = []Defect{
	noneDefect("alg-and-sig", "The statement has an algorithm and a signature.", func(d *noneDraft) {
		d.statement = statement{"alg": int64(webauthn.ES256), "sig": []byte("signature")}
	}),
	noneDefect("array", "The statement is an empty array.", func(d *noneDraft) { d.statement = []any{} }),
	noneDefect("bytes", "The statement is an empty byte string.", func(d *noneDraft) { d.statement = []byte{} }),
	noneDefect("null", "The statement is null.", func(d *noneDraft) { d.statement = nil }),
	noneDefect("packed-inside", "The statement is a whole one of format packed, self attested.", func(d *noneDraft) {
		if made, err := PackedSelf().Attest(d.about); err == nil {
			d.statement = made
			return
		}
		d.statement = statement{"alg": int64(webauthn.ES256)}
	}),
	noneDefect("text-member", "The statement has a member, of text.", func(d *noneDraft) { d.statement = statement{"note": "none"} }),
}

func noneDefect(what, doc string, spoil func(*noneDraft)) Defect {
	return Defect{ID: webauthn.FormatNone + "/" + what, Format: webauthn.FormatNone, Spec: noneSyntax, Doc: doc, bend: bend[noneDraft]{spoil: spoil}}
}
