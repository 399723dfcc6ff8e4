package authenticator

import (
	"bytes"
	"context"
	"crypto/sha256"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// set adds a fragment to an array that replaces the one before once it is whole
// (CTAP 2.3 §6.10.2 step 5).
func (op *largeBlobs) set(ctx context.Context) error {
	if op.req.Set == nil {
		return nil
	}
	op.resp = new(ctap.Empty)
	return follow(ctx, op.a.active, "6.10.2", op, blobSetSteps)
}

func (op *largeBlobs) checkFragmentSize(context.Context) error {
	if limit := op.a.model.maxFragment(); len(op.req.Set) > limit {
		return ctap.Errorf(ctap.InvalidLength, "set of %d bytes, maxFragmentLength is %d", len(op.req.Set), limit)
	}
	return nil
}

// begin makes a write out of the first fragment. The text lets a small device
// refuse more than its limit only above 1024 bytes; no model's limit is smaller.
func (op *largeBlobs) begin(context.Context) error {
	if *op.req.Offset != 0 {
		return nil
	}
	length, limit := op.req.Length, uint64(op.a.model.MaxLargeBlobs)
	switch {
	case length == nil:
		return ctap.Errorf(ctap.InvalidParameter, "parameter length (0x04) is missing, which belongs to the first fragment")
	case *length > limit:
		return ctap.Errorf(ctap.LargeBlobStorageFull, "length %d, maxSerializedLargeBlobArray is %d", *length, limit)
	case *length < minBlobArray:
		return ctap.Errorf(ctap.InvalidParameter, "length %d, an array has at least %d bytes", *length, minBlobArray)
	}
	op.write = &blobWrite{length: *length}
	return nil
}

// goOn insists on the fragment that comes next. Where there is no write, or none
// any more, that is the first.
func (op *largeBlobs) goOn(context.Context) error {
	offset := *op.req.Offset
	switch {
	case offset == 0:
		return nil
	case op.req.Length != nil:
		return ctap.Errorf(ctap.InvalidParameter, "parameter length (0x04) belongs to the first fragment")
	case op.write == nil:
		return ctap.Errorf(ctap.InvalidSeq, "offset %d, but no write is in progress", offset)
	case offset != uint64(len(op.write.data)):
		return ctap.Errorf(ctap.InvalidSeq, "offset %d, the next fragment begins at %d", offset, len(op.write.data))
	}
	return nil
}

// verifyUser authorises every fragment anew. A device that knows no user lets
// anybody write.
func (op *largeBlobs) verifyUser(context.Context) (err error) {
	if !op.now.protected() && !op.now.alwaysUv {
		return nil
	}
	if err := requireParam(op.req.PinUvAuthParam); err != nil {
		return err
	}
	if _, err := op.a.protocol(op.req.PinUvAuthProtocol); err != nil {
		return err
	}
	message := pinuv.LargeBlobMessage(*op.req.Offset, op.req.Set)
	authorised, err := op.a.verifyToken(op.req.PinUvAuthProtocol, message, op.req.PinUvAuthParam, ctap.PermissionLargeBlobWrite)
	if err == nil {
		op.write.grant = authorised
	}
	return err
}

func (op *largeBlobs) checkEnd(context.Context) error {
	if end := *op.req.Offset + uint64(len(op.req.Set)); end > op.write.length {
		return ctap.Errorf(ctap.InvalidParameter, "the fragment ends at %d, the array at %d", end, op.write.length)
	}
	return nil
}

func (op *largeBlobs) add(context.Context) error {
	op.write.data = append(op.write.data, op.req.Set...)
	return nil
}

// checkArray ends the write of an array that is whole, whatever it amounts to.
func (op *largeBlobs) checkArray(context.Context) error {
	array := op.write.data
	if uint64(len(array)) < op.write.length {
		return nil
	}
	op.write, op.whole = nil, array
	end := len(array) - blobHash
	if hash := sha256.Sum256(array[:end]); !bytes.Equal(hash[:blobHash], array[end:]) {
		return ctap.Errorf(ctap.IntegrityFailure, "the array does not end in its hash")
	}
	return nil
}

// keep replaces the array by one that is whole.
func (op *largeBlobs) keep(ctx context.Context) error {
	if op.whole == nil {
		return nil
	}
	return op.a.save(ctx, Change{LargeBlobs: op.whole})
}
