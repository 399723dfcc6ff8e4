package subject

import (
	"strings"

	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// Usual are the relying parties that between them are concerned by nearly every case:
// by WebAuthn, by the published list, with every algorithm that ours verifies, with one
// alone, and with other choices: lenient ones, and strict ones.
func Usual() []Target {
	return []Target{
		{}, {List: true},
		{Algorithms: []int64{-8, -7, -35, -36, -37, -38, -39, -257, -258, -259, -47, -9, -19, -51, -52, -65535, -48, -49, -50, -53}}, {Algorithms: []int64{-7}},
		{Choices: relyingparties.Choices{"counter": "accept", "unknown-models": "accept", "cross-origin": "accept", "verification": "required"}},
		{Choices: relyingparties.Choices{
			"unattested": "refuse", "canonical": "refuse", "unknown-members": "refuse", "extension-outputs": "refuse", "statement-details": "refuse",
		}},
		{Choices: relyingparties.Choices{"user-handle": "required"}},
		{Below: true, Choices: relyingparties.Choices{"software-keys": "refuse", "denied-models": "judge", "model-at-login": "refuse"}},
	}
}

// With is the target with one mistake, made anew for each relying party.
func (t Target) With(mistake func() relyingparty.Seams) Target {
	t.Seams = func() []relyingparty.Seams { return []relyingparty.Seams{mistake()} }
	return t
}

// Told reports whether a case fails because of what the target was told to do, which the
// published interface and list, or what most do, has otherwise: what it offers, whose
// passkeys it allows, and that it wants keys in hardware, of which self attestation says
// nothing.
func (t Target) Told(id string) bool {
	return t.Algorithms != nil && strings.HasPrefix(id, "options/params-") ||
		t.Choices["user-handle"] == "required" && strings.HasPrefix(id, "options/login/allow-") ||
		t.Choices["software-keys"] == "refuse" && id == "attestation/packed-self/supported"
}
