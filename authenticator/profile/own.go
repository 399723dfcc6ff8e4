package profile

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/webauthn"
)

// ours is the source of what the lab's own models are: nothing but themselves.
const ours Source = "passkeylab, authenticator/models.go"

// The lab's own models, under the names that command lines have for them. They are
// no products: each has every feature of its kind.
var own = []Profile{
	mine("phone", "the lab's phone", authenticator.Phone),
	mine("laptop", "the lab's laptop", authenticator.Laptop),
	mine("security-key", "the lab's security key", authenticator.SecurityKey),
	mine("fingerprint-key", "the lab's fingerprint key", authenticator.BioKey),
	mine("pin-key", "the lab's PIN key", authenticator.PINKey),
}

// mine describes a model.
func mine(id, name string, model func() authenticator.Model) Profile {
	m := model()
	p := Profile{
		ID: id, Name: name, Kind: SecurityKey, own: model,
		Attachment: Known(webauthn.CrossPlatform, ours),
		AAGUID:     Known(m.AAGUID, ours), Transports: Known(m.Transports, ours), Algorithms: Known(m.Algorithms, ours),
		Extensions: Known(m.Extensions, ours), Discoverable: Known(m.ResidentKeys, ours), CredentialIDBytes: Known(m.CredentialIDBytes, ours),
		BackupEligible: Known(m.BackupEligible, ours), BackedUp: Known(m.BackedUp, ours), Display: Known(m.Display, ours),
		Attestation: Known(Attestation{Format: webauthn.FormatPacked, Type: AttestsSelf}, ours),
		Info: Info{
			Versions: Known(m.Versions, ours), MaxMsgSize: Known(m.MaxMsgSize, ours), PinUvAuthProtocols: Known(m.Protocols, ours),
			FirmwareVersion: Known(int(m.Firmware), ours),
		},
	}
	if m.Platform {
		p.Kind, p.Attachment = Platform, Known(webauthn.Platform, ours)
	}
	if m.AttestationFormats[0] == webauthn.FormatNone {
		p.Attestation = Known(Attestation{Format: webauthn.FormatNone, Type: AttestsNothing}, ours)
	}
	for word, style := range counters {
		if style == m.Counter {
			p.Counter = Known(word, ours)
		}
	}
	p.UserVerification = Known(verificationOf(&m), ours)
	return p
}

func verificationOf(m *authenticator.Model) Verification {
	switch {
	case m.Bio.Templates > 0:
		return VerifiesEnrolled
	case m.UV != authenticator.NoUV:
		return VerifiesWhenAsked
	}
	return VerifiesByPIN
}
