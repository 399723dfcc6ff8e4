package ctap

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

// mayBeEmpty: a write returns no data.
func (*LargeBlobsResponse) mayBeEmpty() {}
