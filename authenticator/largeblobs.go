package authenticator

import (
	"bytes"
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// largeBlobs is authenticatorLargeBlobs (CTAP 2.3 §6.10.2) in progress. What the
// array says is the platform's business alone.
type largeBlobs struct {
	a     *Authenticator
	req   *ctap.LargeBlobsRequest
	held  Held
	now   standing
	write *blobWrite // that a fragment belongs to
	whole []byte     // the array, once its last fragment is there
	resp  any
}

// blobWrite is an array that has not come whole yet. It is a sequence that the
// next fragment goes on with.
type blobWrite struct {
	grant  *grant // nil where nobody needed a token
	length uint64 // expectedLength, in bytes
	data   []byte // its length is expectedNextOffset
}

func (w *blobWrite) authorised() *grant { return w.grant }

// Sizes in bytes.
const (
	blobHash     = 16           // of SHA-256, at the end of an array
	minBlobArray = 1 + blobHash // nothing but an empty CBOR array
	blobOverhead = 64           // of a message around a fragment
)

// emptyBlobs is the array before anything was written (§6.10).
const emptyBlobs = "\x80\x76\xbe\x8b\x52\x8d\x00\x75\xf7\xaa\xe9\x8d\x6f\xa5\x7a\x6d\x3c"

var largeBlobsSteps = []step[*largeBlobs]{
	{"1", (*largeBlobs).requireOffset},
	{"2 and 3", (*largeBlobs).requireDirection},
	{"4", (*largeBlobs).get},
	{"5", (*largeBlobs).set},
}

// The numbers of the steps below are ours, in the order of the text.
var blobGetSteps = []step[*largeBlobs]{
	{"4.1", (*largeBlobs).refuseLength},
	{"4.2", (*largeBlobs).refuseAuthentication},
	{"4.3", (*largeBlobs).checkReadSize},
	{"4.4 and 4.5", (*largeBlobs).read},
}

var blobSetSteps = []step[*largeBlobs]{
	{"5.1", (*largeBlobs).checkFragmentSize},
	{"5.2", (*largeBlobs).begin},
	{"5.3 and 5.4", (*largeBlobs).goOn},
	{"5.5", (*largeBlobs).verifyUser},
	{"5.6", (*largeBlobs).checkEnd},
	{"5.7 and 5.8", (*largeBlobs).add},
	{"5.9", (*largeBlobs).checkArray},
	{"5.10", (*largeBlobs).keep},
}

// largeBlobs remembers the write also where it refuses a fragment, and where it reads
// meanwhile: then nothing has changed, and the platform may send another in its place.
func (a *Authenticator) largeBlobs(ctx context.Context, req *ctap.LargeBlobsRequest) (any, error) {
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, withStatus(err)
	}
	op := &largeBlobs{a: a, req: req, held: held, now: a.model.standing(&held.Settings)}
	op.write, _ = a.takeSequence().(*blobWrite)
	err = follow(ctx, a.active, "6.10.2", op, largeBlobsSteps)
	if op.write != nil {
		a.session.sequence = op.write
	}
	if err != nil {
		return nil, err
	}
	return op.resp, nil
}

func (op *largeBlobs) requireOffset(context.Context) error {
	if op.req.Offset == nil {
		return ctap.Errorf(ctap.InvalidParameter, "parameter offset (0x03) is missing")
	}
	return nil
}

func (op *largeBlobs) requireDirection(context.Context) error {
	if (op.req.Get != nil) == (op.req.Set != nil) {
		return ctap.Errorf(ctap.InvalidParameter, "one of get (0x01) and set (0x02) is wanted, not both and not neither")
	}
	return nil
}

// maxFragment is maxFragmentLength, in bytes.
func (m *Model) maxFragment() int { return m.MaxMsgSize - blobOverhead }

func (op *largeBlobs) get(ctx context.Context) error {
	if op.req.Get == nil {
		return nil
	}
	return follow(ctx, op.a.active, "6.10.2", op, blobGetSteps)
}

func (op *largeBlobs) refuseLength(context.Context) error {
	if op.req.Length != nil {
		return ctap.Errorf(ctap.InvalidParameter, "parameter length (0x04) does not belong to get")
	}
	return nil
}

// refuseAuthentication: what everybody may read, nobody authenticates.
func (op *largeBlobs) refuseAuthentication(context.Context) error {
	if op.req.PinUvAuthParam != nil || op.req.PinUvAuthProtocol != nil {
		return ctap.Errorf(ctap.InvalidParameter, "parameters pinUvAuthParam and pinUvAuthProtocol do not belong to get")
	}
	return nil
}

func (op *largeBlobs) checkReadSize(context.Context) error {
	if limit := op.a.model.maxFragment(); *op.req.Get > uint64(limit) {
		return ctap.Errorf(ctap.InvalidLength, "get of %d bytes, maxFragmentLength is %d", *op.req.Get, limit)
	}
	return nil
}

func (op *largeBlobs) read(context.Context) error {
	stored := op.held.LargeBlobs
	if len(stored) == 0 {
		stored = []byte(emptyBlobs)
	}
	if *op.req.Offset > uint64(len(stored)) {
		return ctap.Errorf(ctap.InvalidParameter, "offset %d is behind the array's %d bytes", *op.req.Offset, len(stored))
	}
	rest := stored[*op.req.Offset:]
	op.resp = &ctap.LargeBlobsResponse{Config: bytes.Clone(rest[:min(uint64(len(rest)), *op.req.Get)])}
	return nil
}
