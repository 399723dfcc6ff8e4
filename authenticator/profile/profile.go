package profile

import (
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/nearest"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Profile is one product. Those of this package are shared and must not be changed.
type Profile struct {
	ID    string // permanent: lower case, with hyphens
	Name  string // what people call it, and which version
	About string // one sentence, if there is more to say
	Kind  Kind

	// What relying parties see.
	Attachment        Fact[webauthn.Attachment]
	AAGUID            Fact[webauthn.AAGUID]
	Transports        Fact[[]string]
	Algorithms        Fact[[]webauthn.Algorithm] // of its credentials, most preferred first
	Extensions        Fact[[]string]             // as CTAP names them; "prf" is for products that are no CTAP device
	Discoverable      Fact[bool]                 // can keep discoverable credentials
	CredentialIDBytes Fact[int]                  // length of the IDs of credentials that are not discoverable, if it has two
	Counter           Fact[Counter]
	BackupEligible    Fact[bool]
	BackedUp          Fact[bool] // at once
	UserVerification  Fact[Verification]
	Display           Fact[bool] // lets the user choose among accounts by itself
	Attestation       Fact[Attestation]

	// What getInfo says of one that is fresh from its maker, where there is such a
	// thing (CTAP 2.3 §6.4).
	Info Info

	Quirks  []Quirk
	Differs []Difference

	own func() authenticator.Model // one of the lab's models, which it then is
}

// Info is what getInfo says beyond what relying parties see.
type Info struct {
	AAGUID                           Fact[webauthn.AAGUID] // where it is another than that of registrations
	Transports                       Fact[[]string]        // likewise
	Versions                         Fact[[]string]
	Options                          Fact[map[string]bool] // all that it lists
	MaxMsgSize                       Fact[int]
	PinUvAuthProtocols               Fact[[]pinuv.Protocol]
	MaxCredentialCountInList         Fact[int]
	MaxCredentialIDLength            Fact[int]
	MaxSerializedLargeBlobArray      Fact[int]
	MinPINLength                     Fact[int]
	FirmwareVersion                  Fact[int]
	MaxCredBlobLength                Fact[int]
	MaxRPIDsForSetMinPINLength       Fact[int]
	PreferredPlatformUvAttempts      Fact[int]
	UvModality                       Fact[int]
	RemainingDiscoverableCredentials Fact[int]
	AttestationFormats               Fact[[]string]
	AuthenticatorConfigCommands      Fact[[]int]
}

// Quirk is something that a product does and a model cannot express.
type Quirk struct {
	Text   string `json:"text"` // one sentence
	Source Source `json:"source"`
	Fault  string `json:"fault,omitempty"` // ID of the fault that rehearses it; "" = there is none
}

// Difference is a fact that the lab's device shows differently.
type Difference struct {
	Fact string `json:"fact"` // its name, or "info.options." and the ID of an option
	Why  string `json:"why"`
}

// Own reports whether this is one of the lab's own models and no product.
func (p Profile) Own() bool { return p.own != nil }

// All returns every profile: the lab's own first, then products by ID.
func All() []Profile { return slices.Clone(catalogue) }

// Lookup returns the profile with an ID. The error names the ID most like it.
func Lookup(id string) (Profile, error) {
	ids := make([]string, len(catalogue))
	for i, p := range catalogue {
		if p.ID == id {
			return p, nil
		}
		ids[i] = p.ID
	}
	if meant := nearest.Name(id, ids); meant != "" {
		return Profile{}, fmt.Errorf("no profile is called %q: did you mean %q?", id, meant)
	}
	return Profile{}, fmt.Errorf("no profile is called %q: passkeylab profiles lists them", id)
}
