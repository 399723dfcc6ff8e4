package ctap

import "github.com/passkeylab/passkeylab/internal/canon"

// GetAssertionRequest is authenticatorGetAssertion (CTAP 2.3 §6.2.1).
type GetAssertionRequest struct {
	RPID              string       `cbor:"1,keyasint"`
	ClientDataHash    []byte       `cbor:"2,keyasint"` // SHA-256, 32 bytes
	AllowList         []Descriptor `cbor:"3,keyasint,omitempty"`
	Extensions        Extensions   `cbor:"4,keyasint,omitempty"`
	Options           *Options     `cbor:"5,keyasint,omitempty"`
	PinUvAuthParam    []byte       `cbor:"6,keyasint,omitzero"` // present with length 0 is a question of its own (step 1)
	PinUvAuthProtocol *uint64      `cbor:"7,keyasint,omitempty"`
}

// GetAssertionResponse is the answer of getAssertion and getNextAssertion
// (§6.2.2, §6.3). The signature is over AuthData ‖ clientDataHash.
type GetAssertionResponse struct {
	Credential               *Descriptor `cbor:"1,keyasint,omitempty"` // may be omitted by CTAP 2.0 devices
	AuthData                 []byte      `cbor:"2,keyasint"`
	Signature                []byte      `cbor:"3,keyasint"`
	User                     *UserEntity `cbor:"4,keyasint,omitempty"` // discoverable credentials
	NumberOfCredentials      uint64      `cbor:"5,keyasint,omitempty"` // absent when 1
	UserSelected             bool        `cbor:"6,keyasint,omitempty"` // the authenticator let the user choose
	LargeBlobKey             []byte      `cbor:"7,keyasint,omitempty"` // 32 bytes
	UnsignedExtensionOutputs Extensions  `cbor:"8,keyasint,omitempty"`
}

// Command returns CommandGetAssertion.
func (*GetAssertionRequest) Command() Command { return CommandGetAssertion }

func (*GetAssertionRequest) answer() *GetAssertionResponse { return new(GetAssertionResponse) }

func (r *GetAssertionRequest) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			r.RPID = from.Text()
		case 2:
			r.ClientDataHash = from.Bytes()
		case 3:
			r.AllowList = readDescriptors(from)
		case 4:
			r.Extensions = readExtensions(from)
		case 5:
			r.Options = readOptions(from)
		case 6:
			r.PinUvAuthParam = from.Bytes()
		case 7:
			r.PinUvAuthProtocol = readOptional(from, from.Uint)
		default:
			from.Skip()
		}
	}
}

func (r *GetAssertionRequest) appendTo(out []byte) []byte {
	out, m := canon.OpenMap(out)
	out = canon.AppendText(m.IntKey(out, 1), r.RPID)
	out = canon.AppendBytes(m.IntKey(out, 2), r.ClientDataHash)
	if len(r.AllowList) > 0 {
		out = appendDescriptors(m.IntKey(out, 3), r.AllowList)
	}
	if len(r.Extensions) > 0 {
		out = r.Extensions.appendTo(m.IntKey(out, 4))
	}
	if r.Options != nil {
		out = r.Options.appendTo(m.IntKey(out, 5))
	}
	if r.PinUvAuthParam != nil {
		out = canon.AppendBytes(m.IntKey(out, 6), r.PinUvAuthParam)
	}
	if r.PinUvAuthProtocol != nil {
		out = canon.AppendUint(m.IntKey(out, 7), *r.PinUvAuthProtocol)
	}
	return out
}

func (r *GetAssertionRequest) complete() error {
	return completeParameters(CommandGetAssertion,
		parameter{"rpId (0x01)", r.RPID != ""},
		parameter{"clientDataHash (0x02)", r.ClientDataHash != nil},
	)
}

func (r *GetAssertionResponse) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			r.Credential = readInto(from, (*Descriptor).read)
		case 2:
			r.AuthData = from.Bytes()
		case 3:
			r.Signature = from.Bytes()
		case 4:
			r.User = readInto(from, (*UserEntity).read)
		case 5:
			r.NumberOfCredentials = from.Uint()
		case 6:
			r.UserSelected = from.Bool()
		case 7:
			r.LargeBlobKey = from.Bytes()
		case 8:
			r.UnsignedExtensionOutputs = readExtensions(from)
		default:
			from.Skip()
		}
	}
}

func (r *GetAssertionResponse) appendTo(out []byte) []byte {
	out, m := canon.OpenMap(out)
	if r.Credential != nil {
		out = r.Credential.appendTo(m.IntKey(out, 1))
	}
	out = canon.AppendBytes(m.IntKey(out, 2), r.AuthData)
	out = canon.AppendBytes(m.IntKey(out, 3), r.Signature)
	if r.User != nil {
		out = r.User.appendTo(m.IntKey(out, 4))
	}
	if r.NumberOfCredentials != 0 {
		out = canon.AppendUint(m.IntKey(out, 5), r.NumberOfCredentials)
	}
	if r.UserSelected {
		out = canon.AppendBool(m.IntKey(out, 6), true)
	}
	if len(r.LargeBlobKey) > 0 {
		out = canon.AppendBytes(m.IntKey(out, 7), r.LargeBlobKey)
	}
	if len(r.UnsignedExtensionOutputs) > 0 {
		out = r.UnsignedExtensionOutputs.appendTo(m.IntKey(out, 8))
	}
	return out
}

func (r *GetAssertionResponse) complete() error {
	return completeAnswer(CommandGetAssertion,
		parameter{"authData (0x02)", r.AuthData != nil},
		parameter{"signature (0x03)", r.Signature != nil},
	)
}
