package ctap

import "github.com/passkeylab/passkeylab/internal/canon"

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
			r.Statement = from.Raw()
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

func (r *MakeCredentialResponse) complete() error {
	return completeAnswer(CommandMakeCredential,
		parameter{"fmt (0x01)", r.Format != ""},
		parameter{"authData (0x02)", r.AuthData != nil},
	)
}
