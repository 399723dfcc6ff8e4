package ctap

import "github.com/passkeylab/passkeylab/internal/canon"

// LargeBlobsRequest is authenticatorLargeBlobs (CTAP 2.3 §6.10.2): it reads or
// writes a fragment of the serialized large-blob array. Sizes and offsets are
// in bytes. The parameter comes before the protocol, unlike elsewhere.
type LargeBlobsRequest struct {
	Get               *uint64 `cbor:"1,keyasint,omitempty"` // how much to read
	Set               []byte  `cbor:"2,keyasint,omitzero"`  // what to write
	Offset            *uint64 `cbor:"3,keyasint,omitempty"`
	Length            *uint64 `cbor:"4,keyasint,omitempty"` // of the whole array, with its first fragment
	PinUvAuthParam    []byte  `cbor:"5,keyasint,omitzero"`
	PinUvAuthProtocol *uint64 `cbor:"6,keyasint,omitempty"`
}

// LargeBlobsResponse is the answer to a read.
type LargeBlobsResponse struct {
	Config []byte `cbor:"1,keyasint"` // a fragment, empty at the end
}

// Command returns CommandLargeBlobs.
func (*LargeBlobsRequest) Command() Command { return CommandLargeBlobs }

func (*LargeBlobsRequest) answer() *LargeBlobsResponse { return new(LargeBlobsResponse) }

func (r *LargeBlobsRequest) read(from *canon.Reader) {
	for key := range from.IntKeys {
		switch key {
		case 1:
			r.Get = readOptional(from, from.Uint)
		case 2:
			r.Set = from.Bytes()
		case 3:
			r.Offset = readOptional(from, from.Uint)
		case 4:
			r.Length = readOptional(from, from.Uint)
		case 5:
			r.PinUvAuthParam = from.Bytes()
		case 6:
			r.PinUvAuthProtocol = readOptional(from, from.Uint)
		default:
			from.Skip()
		}
	}
}

// mayBeEmpty: a write returns no data.
func (*LargeBlobsResponse) mayBeEmpty() {}
