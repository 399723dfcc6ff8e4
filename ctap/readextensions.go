package ctap

import "github.com/passkeylab/passkeylab/internal/canon"

// UnmarshalCBOR reads the map. It is stricter than tags would be, which take null
// for anything and an array of numbers for a byte string.
func (i *HMACSecretInput) UnmarshalCBOR(data []byte) error { return canon.Read(data, i.read) }

func (i *HMACSecretInput) read(r *canon.Reader) {
	for key := range r.IntKeys {
		switch key {
		case 1:
			i.KeyAgreement = readInto(r, (*KeyAgreement).read)
		case 2:
			i.SaltEnc = r.Bytes()
		case 3:
			i.SaltAuth = r.Bytes()
		case 4:
			i.PinUvAuthProtocol = readOptional(r, r.Uint)
		default:
			r.Skip()
		}
	}
}

// UnmarshalCBOR reads the map.
func (i *LargeBlobInput) UnmarshalCBOR(data []byte) error { return canon.Read(data, i.read) }

func (i *LargeBlobInput) read(r *canon.Reader) {
	for key := range r.TextKeys {
		switch string(key) {
		case "support":
			i.Support = readOptional(r, r.Text)
		case "read":
			i.Read = readOptional(r, r.Bool)
		case "write":
			i.Write = r.Bytes()
		case "originalSize":
			i.OriginalSize = readOptional(r, r.Uint)
		default:
			r.Skip()
		}
	}
}
