package ctap

import (
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// MakeCredentialRequest is authenticatorMakeCredential (CTAP 2.3 §6.1.1).
type MakeCredentialRequest struct {
	ClientDataHash               []byte       `cbor:"1,keyasint"` // SHA-256, 32 bytes
	RP                           RPEntity     `cbor:"2,keyasint"`
	User                         UserEntity   `cbor:"3,keyasint"`
	PubKeyCredParams             []Parameters `cbor:"4,keyasint"` // most preferred first
	ExcludeList                  []Descriptor `cbor:"5,keyasint,omitempty"`
	Extensions                   Extensions   `cbor:"6,keyasint,omitempty"`
	Options                      *Options     `cbor:"7,keyasint,omitempty"`
	PinUvAuthParam               []byte       `cbor:"8,keyasint,omitzero"` // present with length 0 is a question of its own (step 1)
	PinUvAuthProtocol            *uint64      `cbor:"9,keyasint,omitempty"`
	EnterpriseAttestation        *uint64      `cbor:"10,keyasint,omitempty"` // 1 vendor-facilitated, 2 platform-managed
	AttestationFormatsPreference []string     `cbor:"11,keyasint,omitempty"` // since CTAP 2.2
}

// MakeCredentialResponse is the answer (§6.1.2). AuthData is signed and kept
// as bytes.
type MakeCredentialResponse struct {
	Format                   string     `cbor:"1,keyasint"`
	AuthData                 []byte     `cbor:"2,keyasint"`
	Statement                canon.Raw  `cbor:"3,keyasint,omitempty"`
	EnterpriseAttestation    bool       `cbor:"4,keyasint,omitempty"`
	LargeBlobKey             []byte     `cbor:"5,keyasint,omitempty"` // 32 bytes
	UnsignedExtensionOutputs Extensions `cbor:"6,keyasint,omitempty"`
}

// Command returns CommandMakeCredential.
func (*MakeCredentialRequest) Command() Command { return CommandMakeCredential }

func (*MakeCredentialRequest) answer() *MakeCredentialResponse { return new(MakeCredentialResponse) }

func (r *MakeCredentialRequest) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			r.ClientDataHash = from.Bytes()
		case 2:
			r.RP.read(from)
		case 3:
			r.User.read(from)
		case 4:
			r.PubKeyCredParams = readParameters(from)
		case 5:
			r.ExcludeList = readDescriptors(from)
		case 6:
			r.Extensions = readExtensions(from)
		case 7:
			r.Options = readOptions(from)
		case 8:
			r.PinUvAuthParam = from.Bytes()
		case 9:
			r.PinUvAuthProtocol = readOptional(from, from.Uint)
		case 10:
			r.EnterpriseAttestation = readOptional(from, from.Uint)
		case 11:
			r.AttestationFormatsPreference = readTexts(from)
		default:
			from.Skip()
		}
	}
}

func (r *MakeCredentialRequest) appendTo(out []byte) []byte {
	out, m := canon.OpenMap(out)
	out = canon.AppendBytes(m.IntKey(out, 1), r.ClientDataHash)
	out = r.RP.appendTo(m.IntKey(out, 2))
	out = r.User.appendTo(m.IntKey(out, 3))
	out = appendParameters(m.IntKey(out, 4), r.PubKeyCredParams)
	if len(r.ExcludeList) > 0 {
		out = appendDescriptors(m.IntKey(out, 5), r.ExcludeList)
	}
	if len(r.Extensions) > 0 {
		out = r.Extensions.appendTo(m.IntKey(out, 6))
	}
	if r.Options != nil {
		out = r.Options.appendTo(m.IntKey(out, 7))
	}
	if r.PinUvAuthParam != nil {
		out = canon.AppendBytes(m.IntKey(out, 8), r.PinUvAuthParam)
	}
	if r.PinUvAuthProtocol != nil {
		out = canon.AppendUint(m.IntKey(out, 9), *r.PinUvAuthProtocol)
	}
	if r.EnterpriseAttestation != nil {
		out = canon.AppendUint(m.IntKey(out, 10), *r.EnterpriseAttestation)
	}
	if len(r.AttestationFormatsPreference) > 0 {
		out = appendTexts(m.IntKey(out, 11), r.AttestationFormatsPreference)
	}
	return out
}

func (r *MakeCredentialRequest) complete() error {
	return completeParameters(CommandMakeCredential,
		parameter{"clientDataHash (0x01)", r.ClientDataHash != nil},
		parameter{"rp.id (0x02)", r.RP.ID != ""},
		parameter{"user.id (0x03)", r.User.ID != nil},
		parameter{"pubKeyCredParams (0x04)", r.PubKeyCredParams != nil},
	)
}

func (r *MakeCredentialResponse) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			r.Format = from.Text()
		case 2:
			r.AuthData = from.Bytes()
		case 3:
			r.Statement = r.readStatement(from)
		case 4:
			r.EnterpriseAttestation = from.Bool()
		case 5:
			r.LargeBlobKey = from.Bytes()
		case 6:
			r.UnsignedExtensionOutputs = readExtensions(from)
		default:
			from.Skip()
		}
	}
}

// readStatement allows compound statements, which platforms make and CTAP never
// carries, the level that their parts' certificates nest deeper than its messages do
// (WebAuthn L3 §8.9).
func (r *MakeCredentialResponse) readStatement(from *canon.Reader) canon.Raw {
	if r.Format == webauthn.FormatCompound {
		return from.RawWithin(canon.MaxDepth)
	}
	return from.Raw()
}

func (r *MakeCredentialResponse) appendTo(out []byte) []byte {
	out, m := canon.OpenMap(out)
	out = canon.AppendText(m.IntKey(out, 1), r.Format)
	out = canon.AppendBytes(m.IntKey(out, 2), r.AuthData)
	if len(r.Statement) > 0 {
		out = append(m.IntKey(out, 3), r.Statement...)
	}
	if r.EnterpriseAttestation {
		out = canon.AppendBool(m.IntKey(out, 4), true)
	}
	if len(r.LargeBlobKey) > 0 {
		out = canon.AppendBytes(m.IntKey(out, 5), r.LargeBlobKey)
	}
	if len(r.UnsignedExtensionOutputs) > 0 {
		out = r.UnsignedExtensionOutputs.appendTo(m.IntKey(out, 6))
	}
	return out
}

func (r *MakeCredentialResponse) complete() error {
	return completeAnswer(CommandMakeCredential,
		parameter{"fmt (0x01)", r.Format != ""},
		parameter{"authData (0x02)", r.AuthData != nil},
	)
}
