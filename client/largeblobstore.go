package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// fragmentOverhead is what a message needs in bytes beside a fragment (CTAP 2.3
// §6.10.2).
const fragmentOverhead = 64

// Sizes of arrays in bytes: what every authenticator with large blobs has room
// for, and what no announcement exceeds.
const (
	minLargeBlobArray = 1024
	maxLargeBlobArray = 1 << 20
)

func (a *candidate) fragmentSize() uint64 {
	return min(max(a.info.MaxMsgSize, ctap.DefaultMaxMsgSize), ctap.MaxMsgSize) - fragmentOverhead
}

func (a *candidate) largeBlobRoom() uint64 {
	return min(max(a.info.MaxSerializedLargeBlobArray, minLargeBlobArray), maxLargeBlobArray)
}

// readLargeBlobs fetches the array, fragment by fragment (§6.10.3). Anybody may.
func (a *candidate) readLargeBlobs(ctx context.Context) (largeBlobArray, error) {
	var serialized []byte
	for size := a.fragmentSize(); ; {
		answer, err := ctap.Call(ctx, a.Transport, &ctap.LargeBlobsRequest{Get: &size, Offset: new(uint64(len(serialized)))})
		if err != nil {
			return nil, fmt.Errorf("authenticatorLargeBlobs: %w", err)
		}
		n := uint64(len(answer.Config))
		serialized = append(serialized, answer.Config...)
		switch {
		case n > size:
			return nil, fmt.Errorf("authenticatorLargeBlobs: a fragment of %d bytes, at most %d were asked for", n, size)
		case n < size:
			return parseLargeBlobArray(serialized), nil
		case uint64(len(serialized)) > a.largeBlobRoom():
			return nil, fmt.Errorf("authenticatorLargeBlobs: more than the %d bytes that there is room for", a.largeBlobRoom())
		}
	}
}

// writeLargeBlobs replaces the array, which takes effect with its last fragment.
func (a *candidate) writeLargeBlobs(ctx context.Context, all largeBlobArray, p proof) error {
	serialized, err := all.serialize()
	if err != nil {
		return err
	}
	if p.token != nil && !p.token.writes {
		return errors.New("the pinUvAuthToken lacks permission lbw")
	}
	total := uint64(len(serialized))
	if total > a.largeBlobRoom() {
		return fmt.Errorf("%d bytes of large blobs, room for %d: %w", total, a.largeBlobRoom(), ctap.LargeBlobStorageFull)
	}
	for offset := uint64(0); offset < total; {
		fragment := serialized[offset:min(offset+a.fragmentSize(), total)]
		req := &ctap.LargeBlobsRequest{Set: fragment, Offset: new(offset)}
		if offset == 0 {
			req.Length = &total
		}
		req.PinUvAuthParam, req.PinUvAuthProtocol = p.over(pinuv.LargeBlobMessage(offset, fragment))
		if _, err := ctap.Call(ctx, a.Transport, req); err != nil {
			return fmt.Errorf("authenticatorLargeBlobs: %w", err)
		}
		offset += uint64(len(fragment))
	}
	return nil
}
