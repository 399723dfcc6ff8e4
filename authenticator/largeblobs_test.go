package authenticator_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/seed"
)

type blobRequest = func(*ctap.LargeBlobsRequest)

const maxFragment = 1200 - 64 // of the security key

// blobArray is a whole array around some content.
func blobArray(content []byte) []byte {
	hash := sha256.Sum256(content)
	return append(bytes.Clone(content), hash[:16]...)
}

// reading asks for size bytes.
func reading(size, offset uint64, change ...blobRequest) *ctap.LargeBlobsRequest {
	return changed(&ctap.LargeBlobsRequest{Get: &size, Offset: &offset}, change)
}

// writing is a fragment of array, with the array's length where it is the first,
// signed with the last token if there is one.
func (p *platform) writing(array []byte, from, to int, change ...blobRequest) *ctap.LargeBlobsRequest {
	req := &ctap.LargeBlobsRequest{Set: array[from:to], Offset: ptr(uint64(from))}
	if from == 0 {
		req.Length = ptr(uint64(len(array)))
	}
	if p.token != nil {
		req.PinUvAuthProtocol, req.PinUvAuthParam = p.number(), p.sign(pinuv.LargeBlobMessage(uint64(from), req.Set))
	}
	return changed(req, change)
}

func (p *platform) write(array []byte, from, to int, change ...blobRequest) ctap.Status {
	p.r.t.Helper()
	return p.r.status(p.writing(array, from, to, change...))
}

// blobs reads the whole array, size bytes at a time.
func (r *rig) blobs(size uint64) []byte {
	r.t.Helper()
	array := []byte{}
	for {
		resp, err := ctap.Call(r.ctx(), r, reading(size, uint64(len(array))))
		require.NoError(r.t, err)
		if len(resp.Config) == 0 {
			return array
		}
		array = append(array, resp.Config...)
	}
}

func TestLargeBlobsBeginEmpty(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey())
	assert.Equal(t, "8076be8b528d0075f7aae98d6fa57a6d3c", hex.EncodeToString(r.blobs(maxFragment)))
	assert.Equal(t, blobArray([]byte{0x80}), r.blobs(1))
	assert.Equal(t, ctap.InvalidCommand, newRig(t, authenticator.Phone()).status(reading(1, 0)))
}

// What refuses, in the order of the text: each case breaks what comes after its
// step too.
func TestLargeBlobsSteps(t *testing.T) {
	t.Parallel()
	array := blobArray(make([]byte, 2000))
	p := newRig(t, pinKey()).withPIN().granted(acfg, "")
	number := ptr(uint64(1))
	for _, c := range []struct {
		step string
		req  *ctap.LargeBlobsRequest
		want ctap.Status
	}{
		{"1", &ctap.LargeBlobsRequest{Get: number, Set: array[:10]}, ctap.InvalidParameter},
		{"2", &ctap.LargeBlobsRequest{Offset: number}, ctap.InvalidParameter},
		{"3", &ctap.LargeBlobsRequest{Get: number, Set: []byte{}, Offset: ptr(uint64(0))}, ctap.InvalidParameter},
		{"4.1", reading(5000, 0, func(req *ctap.LargeBlobsRequest) { req.Length = number }), ctap.InvalidParameter},
		{"4.2, parameter", reading(5000, 0, func(req *ctap.LargeBlobsRequest) { req.PinUvAuthParam = []byte{1} }), ctap.InvalidParameter},
		{"4.2, protocol", reading(5000, 0, func(req *ctap.LargeBlobsRequest) { req.PinUvAuthProtocol = number }), ctap.InvalidParameter},
		{"4.3", reading(maxFragment+1, 5000), ctap.InvalidLength},
		{"4.4", reading(maxFragment, 18), ctap.InvalidParameter},
		{"4.5", reading(maxFragment, 17), ctap.OK},
		{"5.1", p.writing(array, 0, maxFragment+1, func(req *ctap.LargeBlobsRequest) { req.Length = nil }), ctap.InvalidLength},
		{"5.2, no length", p.writing(array, 0, 10, func(req *ctap.LargeBlobsRequest) { req.Length, req.PinUvAuthParam = nil, nil }), ctap.InvalidParameter},
		{"5.2, too long", p.writing(array, 0, 10, func(req *ctap.LargeBlobsRequest) {
			req.Length, req.PinUvAuthParam = ptr(uint64(4097)), nil
		}), ctap.LargeBlobStorageFull},
		{"5.2, too short", p.writing(array, 0, 10, func(req *ctap.LargeBlobsRequest) {
			req.Length, req.PinUvAuthParam = ptr(uint64(16)), nil
		}), ctap.InvalidParameter},
		{"5.3", p.writing(array, 1, 10, func(req *ctap.LargeBlobsRequest) { req.Length, req.PinUvAuthParam = number, nil }), ctap.InvalidParameter},
		{"5.4", p.writing(array, 1, 10, func(req *ctap.LargeBlobsRequest) { req.PinUvAuthParam = nil }), ctap.InvalidSeq},
		{"5.5, no parameter", p.writing(array, 0, 10, func(req *ctap.LargeBlobsRequest) {
			req.PinUvAuthParam, req.PinUvAuthProtocol = nil, nil
		}), ctap.PUATRequired},
		{"5.5, no protocol", p.writing(array, 0, 10, func(req *ctap.LargeBlobsRequest) { req.PinUvAuthProtocol = nil }), ctap.MissingParameter},
		{"5.5, unknown protocol", p.writing(array, 0, 10, func(req *ctap.LargeBlobsRequest) { *req.PinUvAuthProtocol = 9 }), ctap.InvalidParameter},
		{"5.5, wrong", p.writing(array, 0, 10, func(req *ctap.LargeBlobsRequest) { req.PinUvAuthParam[0] ^= 1 }), ctap.PINAuthInvalid},
		{"5.5, over another fragment", p.writing(array, 0, 10, func(req *ctap.LargeBlobsRequest) { req.Set = array[:11] }), ctap.PINAuthInvalid},
		{"5.5, without lbw", p.writing(array, 0, 10), ctap.PINAuthInvalid},
	} {
		assert.Equal(t, c.want, p.r.status(c.req), "step %s", c.step)
	}
	p.granted(lbw, "")
	assert.Equal(t, ctap.InvalidParameter, p.write(array, 0, 21, func(req *ctap.LargeBlobsRequest) { *req.Length = 20 }), "step 5.6")
	assert.Equal(t, ctap.OK, p.write(array, 0, maxFragment), "step 5.8")
	assert.Equal(t, ctap.InvalidParameter, p.write(append(array, 0), maxFragment, len(array)+1), "step 5.6, later")
	assert.Equal(t, blobArray([]byte{0x80}), p.r.blobs(17), "nothing was written")
}

// The longest fragment fits a message with all that goes with it.
func TestFragmentsFitMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey(func(m *authenticator.Model) { m.MaxMsgSize = ctap.MaxMsgSize }))
	p := r.withPIN().granted(lbw, "")
	array := blobArray(make([]byte, 4096-16))
	assert.Equal(t, ctap.OK, p.write(array, 0, len(array)))
	assert.Equal(t, array, r.blobs(4096))

	small := newRig(t, pinKey())
	p = small.withPIN().granted(lbw, "")
	raw, err := ctap.EncodeRequest(p.writing(array, 0, maxFragment))
	require.NoError(t, err)
	assert.LessOrEqual(t, len(raw), 1200)
}

// The token is not used up by writing, and the write outlives what it refuses.
func TestLargeBlobWrite(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey())
	p := r.withPIN().granted(lbw|ga, "example.com")
	first, second := blobArray([]byte("\x81 the first array")), blobArray([]byte("\x81 and the second"))
	for _, array := range [][]byte{first, second} {
		assert.Equal(t, ctap.OK, p.write(array, 0, 9))
		assert.Equal(t, ctap.InvalidSeq, p.write(array, 8, 12))
		assert.Equal(t, ctap.InvalidSeq, p.write(array, 10, 12))
		assert.Equal(t, ctap.PUATRequired, p.write(array, 9, 12, func(req *ctap.LargeBlobsRequest) { req.PinUvAuthParam = nil }))
		assert.Equal(t, ctap.OK, p.write(array, 9, 9), "an empty one")
		assert.Equal(t, ctap.OK, p.write(array, 9, 20))
		assert.Equal(t, ctap.OK, p.write(array, 20, len(array)))
		assert.Equal(t, ctap.InvalidSeq, p.write(append(array, 0), len(array), len(array)+1), "that was all")
		assert.Equal(t, array, r.blobs(maxFragment))
	}
	assert.Equal(t, ctap.NoCredentials, r.status(signIn(p.asserting)), "the other permission is still there")

	assert.Equal(t, ctap.OK, p.write(first, 0, 9))
	assert.Equal(t, ctap.OK, p.write(first, 0, len(first)), "from the beginning again")
	assert.Equal(t, first, r.blobs(maxFragment))
}

func TestLargeBlobIntegrity(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey())
	p := r.withPIN().granted(lbw, "")
	good := blobArray([]byte("\x81 a good array"))
	require.Equal(t, ctap.OK, p.write(good, 0, len(good)))
	for at := range good {
		bad := bytes.Clone(good)
		bad[at] ^= 1
		assert.Equal(t, ctap.OK, p.write(bad, 0, 10))
		assert.Equal(t, ctap.IntegrityFailure, p.write(bad, 10, len(bad)))
		assert.Equal(t, ctap.InvalidSeq, p.write(good, 10, len(good)), "what came before is dropped")
	}
	assert.Equal(t, good, r.blobs(maxFragment))
	r.PowerCycle()
	assert.Equal(t, good, r.blobs(maxFragment))
	require.Equal(t, ctap.OK, r.status(&ctap.ResetRequest{}))
	assert.Equal(t, blobArray([]byte{0x80}), r.blobs(maxFragment))
}

// A device that knows no user lets anybody write, unless alwaysUv is on.
func TestLargeBlobsWithoutVerification(t *testing.T) {
	t.Parallel()
	r := newRig(t, pinKey())
	p := &platform{r: r}
	array := blobArray([]byte("\x81 anybody's"))
	assert.Equal(t, ctap.OK, p.write(array, 0, 10))
	r.clock.Advance(time.Hour)
	assert.Equal(t, ctap.OK, p.write(array, 10, len(array), func(req *ctap.LargeBlobsRequest) { req.PinUvAuthParam = []byte("whatever") }))
	assert.Equal(t, array, r.blobs(maxFragment))
	require.Equal(t, ctap.OK, p.configure(ctap.ToggleAlwaysUv, nil, openConfig))
	assert.Equal(t, ctap.PUATRequired, p.write(array, 0, 10))
}

// What ends a write.
func TestLargeBlobWriteEnds(t *testing.T) {
	t.Parallel()
	array := blobArray([]byte("\x81 an array in two parts"))
	for name, c := range map[string]struct {
		between func(p *platform)
		want    ctap.Status
	}{
		"nothing":         {func(*platform) {}, ctap.OK},
		"ten minutes":     {func(p *platform) { p.r.clock.Advance(10 * time.Minute) }, ctap.OK},
		"the token's end": {func(p *platform) { p.r.clock.Advance(10*time.Minute + 1) }, ctap.InvalidSeq},
		"a power cycle":   {func(p *platform) { p.r.PowerCycle() }, ctap.InvalidSeq},
		"another token":   {func(p *platform) { p.granted(lbw, "") }, ctap.InvalidSeq},
		"a read":          {func(p *platform) { p.r.blobs(10) }, ctap.OK},
		"getInfo":         {func(p *platform) { p.r.info() }, ctap.InvalidSeq},
		"a refused read":  {func(p *platform) { p.r.status(&ctap.LargeBlobsRequest{}) }, ctap.OK},
		"a new beginning that is refused later": {func(p *platform) {
			assert.Equal(p.r.t, ctap.PINAuthInvalid, p.write(array, 0, 10, func(req *ctap.LargeBlobsRequest) { req.PinUvAuthParam = []byte{} }))
		}, ctap.InvalidSeq},
		"a refused fragment": {func(p *platform) { p.r.status(&ctap.LargeBlobsRequest{Set: []byte{1}}) }, ctap.OK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newRig(t, pinKey()).withPIN().granted(lbw, "")
			require.Equal(t, ctap.OK, p.write(array, 0, 10))
			c.between(p)
			assert.Equal(t, c.want, p.write(array, 10, len(array)))
		})
	}
}

// Whatever the array and however it is cut, it reads back whole.
func TestLargeBlobsReadBack(t *testing.T) {
	t.Parallel()
	p := newRig(t, pinKey()).withPIN().granted(lbw, "")
	random := rand.New(seed.Stream(1, "fragments"))
	for range 100 {
		content := make([]byte, 1+random.IntN(4096-16))
		for i := range content {
			content[i] = byte(random.Uint32())
		}
		readsBack(t, p, blobArray(content), func() int { return random.IntN(maxFragment + 1) })
	}
}

// readsBack writes an array in fragments of the sizes that next gives.
func readsBack(t *testing.T, p *platform, array []byte, next func() int) {
	t.Helper()
	for from, n := 0, 0; from < len(array); n++ {
		to := min(len(array), from+next())
		if n > 100 {
			to = min(len(array), from+maxFragment)
		}
		require.Equal(t, ctap.OK, p.write(array, from, to))
		from = to
	}
	require.Equal(t, array, p.r.blobs(uint64(min(maxFragment, 64+next()))))
}

// FuzzLargeBlobs: what was written is read, whatever it is and however it is cut.
func FuzzLargeBlobs(f *testing.F) {
	f.Fuzz(func(t *testing.T, content, cuts []byte) {
		if len(content) == 0 || len(content) > 4096-16 || len(cuts) == 0 {
			return
		}
		p := &platform{r: newFuzzRig(t, pinKey())}
		n := 0
		readsBack(t, p, blobArray(content), func() int {
			n++
			return 4 * int(cuts[n%len(cuts)])
		})
	})
}
