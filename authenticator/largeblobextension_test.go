package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

type members = map[string]any

func support(level string) func(*ctap.MakeCredentialRequest) {
	return with(ctap.ExtensionLargeBlob, members{"support": level})
}

func writing(data string, size uint64) func(*ctap.GetAssertionRequest) {
	return asking(ctap.ExtensionLargeBlob, members{"write": []byte(data), "originalSize": size})
}

var readingBlob = asking(ctap.ExtensionLargeBlob, members{"read": true})

func blobOutput(output members) ctap.Extensions { return only(ctap.ExtensionLargeBlob, output) }

// §12.4: what is refused, on a device that has one credential with room for a
// blob.
func TestLargeBlobRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended(blobs))
	_, id := r.create(support("required"))
	creating := func(in members) ctap.Request { return creation(with(ctap.ExtensionLargeBlob, in)) }
	using := func(in members) ctap.Request { return signIn(allowing(id), asking(ctap.ExtensionLargeBlob, in)) }
	for _, c := range []struct {
		name string
		req  ctap.Request
		want ctap.Status
	}{
		{"nothing", creating(members{}), ctap.InvalidCBOR},
		{"unknown support", creating(members{"support": "wanted"}), ctap.InvalidCBOR},
		{"read at makeCredential", creating(members{"support": "required", "read": true}), ctap.InvalidCBOR},
		{"write at makeCredential", creating(members{"support": "required", "write": []byte{1}, "originalSize": 1}), ctap.InvalidCBOR},
		{"no room in a wrapped credential", creation(notDiscoverable, support("required")), ctap.LargeBlobStorageFull},
		{"nothing at getAssertion", using(members{}), ctap.InvalidCBOR},
		{"support at getAssertion", using(members{"support": "required", "read": true}), ctap.InvalidCBOR},
		{"read and write", using(members{"read": true, "write": []byte{1}, "originalSize": 1}), ctap.InvalidCBOR},
		{"read and size", using(members{"read": true, "originalSize": 1}), ctap.InvalidCBOR},
		{"write without size", using(members{"write": []byte{1}}), ctap.InvalidCBOR},
		{"size without write", using(members{"originalSize": 1}), ctap.InvalidCBOR},
		{"write to whom it may concern", signIn(writing("x", 1)), ctap.InvalidOption},
	} {
		assert.Equal(t, c.want, r.status(c.req), c.name)
	}
	assert.Empty(t, r.assert(allowing(id), asking(ctap.ExtensionLargeBlob, members{"read": false})).UnsignedExtensionOutputs, "not asked")
	assert.Empty(t, r.assert(allowing(id), readingBlob).UnsignedExtensionOutputs, "nothing was written")
}

// A blob is written, read by each account's own credential and written again,
// and nothing of it is signed.
func TestLargeBlob(t *testing.T) {
	t.Parallel()
	for _, style := range []authenticator.CounterStyle{authenticator.CounterGlobal, authenticator.CounterPerCredential, authenticator.CounterZero} {
		r := newRig(t, extended(blobs, storing, func(m *authenticator.Model) { m.Counter = style }))
		made, alice := r.create(support("required"))
		assert.Equal(t, blobOutput(members{"supported": true}), made.UnsignedExtensionOutputs)
		assert.Nil(t, said(t, made.AuthData))
		_, bob := r.create(forUser("bob"), notDiscoverable, support("preferred"))
		_, carol := r.create(forUser("carol"))

		var counts []uint32
		written := func(id []byte, data string, size uint64) ctap.Extensions {
			resp := r.assert(allowing(id), writing(data, size))
			assert.Nil(t, said(t, resp.AuthData))
			counts = append(counts, parse(t, resp.AuthData).SignCount)
			return resp.UnsignedExtensionOutputs
		}
		read := func(id []byte) ctap.Extensions { return r.assert(allowing(id), readingBlob).UnsignedExtensionOutputs }
		assert.Equal(t, blobOutput(members{"written": true}), written(alice, "first", 10))
		assert.Equal(t, blobOutput(members{"written": true}), written(bob, "", 0))
		assert.Equal(t, blobOutput(members{"written": false}), written(carol, "no room was asked for", 1))
		assert.Equal(t, blobOutput(members{"written": true}), written(alice, "second", 1<<40))
		r.PowerCycle()
		assert.Equal(t, blobOutput(members{"blob": []byte("second"), "originalSize": uint64(1 << 40)}), read(alice))
		assert.Equal(t, blobOutput(members{"blob": []byte{}, "originalSize": 0}), read(bob))
		assert.Empty(t, read(carol))
		switch style {
		case authenticator.CounterGlobal:
			assert.Equal(t, []uint32{4, 5, 6, 7}, counts)
		case authenticator.CounterPerCredential:
			assert.Equal(t, []uint32{1, 1, 1, 2}, counts, "writing does not undo counting")
		case authenticator.CounterZero:
			assert.Equal(t, []uint32{0, 0, 0, 0}, counts)
		}
	}
}

// Each account of a sequence has its own blob.
func TestLargeBlobOfEachAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, extended(blobs))
	for _, name := range []string{"alice", "bob"} {
		_, id := r.create(forUser(name), support("preferred"))
		r.assert(allowing(id), writing("of "+name, 1))
	}
	assert.Equal(t, blobOutput(members{"blob": []byte("of bob"), "originalSize": 1}), r.assert(readingBlob).UnsignedExtensionOutputs)
	next, err := ctap.Call(t.Context(), r, &ctap.GetNextAssertionRequest{})
	require.NoError(t, err)
	assert.Equal(t, blobOutput(members{"blob": []byte("of alice"), "originalSize": 1}), next.UnsignedExtensionOutputs)
}

// Support that is preferred is told truthfully.
func TestLargeBlobSupport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model authenticator.Model
		rk    bool
		want  bool
	}{
		{extended(blobs), true, true},
		{extended(blobs), false, false},
		{extended(blobs, storing), false, true},
	} {
		r := newRig(t, c.model)
		made, id := r.create(support("preferred"), func(req *ctap.MakeCredentialRequest) { req.Options.RK = &c.rk })
		assert.Equal(t, blobOutput(members{"supported": c.want}), made.UnsignedExtensionOutputs)
		assert.Equal(t, blobOutput(members{"written": c.want}), r.assert(allowing(id), writing("data", 4)).UnsignedExtensionOutputs)
	}
}
