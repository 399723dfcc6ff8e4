package hybrid_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

func TestSession(t *testing.T) {
	t.Parallel()
	client, authenticator := sessions(t)
	assert.Equal(t, client.Hash(), authenticator.Hash())
	for _, size := range []int{0, 1, 30, 31, 32, 1000} {
		for from, to := range map[*hybrid.Session]*hybrid.Session{client: authenticator, authenticator: client} {
			text := bytes.Repeat([]byte{7}, size)
			sealed, err := from.Seal(text)
			require.NoError(t, err)
			assert.Equal(t, (size/32+1)*32+16, len(sealed), "the length tells little")
			opened, err := to.Open(sealed)
			require.NoError(t, err)
			assert.Equal(t, text, append([]byte{}, opened...))
		}
	}
}

func TestMessagesOutOfOrder(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(first, second []byte) []byte{
		"changed":         func(a, _ []byte) []byte { a[0] ^= 1; return a },
		"cut":             func(a, _ []byte) []byte { return a[:len(a)-1] },
		"empty":           func(_, _ []byte) []byte { return nil },
		"out of its turn": func(_, b []byte) []byte { return b },
	} {
		client, authenticator := sessions(t)
		first, err := client.Seal([]byte("first"))
		require.NoError(t, err)
		second, err := client.Seal([]byte("second"))
		require.NoError(t, err)
		_, err = authenticator.Open(spoil(first, second))
		assert.ErrorIs(t, err, hybrid.ErrMessage, name)
	}
	client, authenticator := sessions(t)
	sealed, err := client.Seal([]byte("once"))
	require.NoError(t, err)
	_, err = authenticator.Open(sealed)
	require.NoError(t, err)
	_, err = authenticator.Open(sealed)
	assert.ErrorIs(t, err, hybrid.ErrMessage, "again")
	_, err = client.Open(sealed)
	assert.ErrorIs(t, err, hybrid.ErrMessage, "back to its sender")
}

func TestLongestMessage(t *testing.T) {
	t.Parallel()
	client, authenticator := sessions(t)
	longest := make([]byte, 1<<20-32-1)
	sealed, err := client.Seal(longest)
	require.NoError(t, err)
	assert.LessOrEqual(t, len(sealed), hybrid.MaxMessage)
	opened, err := authenticator.Open(sealed)
	require.NoError(t, err)
	assert.Len(t, opened, len(longest))
	_, err = client.Seal(append(longest, 0))
	require.ErrorIs(t, err, hybrid.ErrTooLong)
	_, err = authenticator.Open(make([]byte, hybrid.MaxMessage+1))
	require.ErrorIs(t, err, hybrid.ErrTooLong)
}

func TestHello(t *testing.T) {
	t.Parallel()
	info := bytes.Repeat([]byte{0xff}, 100)
	for _, h := range []hybrid.Hello{
		{Info: info},
		{Info: []byte{}, Linking: linking(t)},
		{Info: info, Features: []string{"ctap", "dc"}},
		{Features: []string{"dc"}},
		{Features: []string{}},
	} {
		for revision, multiple := range map[hybrid.Revision]int{hybrid.Revision1: 1, hybrid.Revision0: 512, hybrid.Revision0Short: 256} {
			h.Revision = revision
			message := h.Encode()
			assert.Zero(t, len(message)%multiple)
			decoded, err := hybrid.DecodeHello(message)
			require.NoError(t, err)
			assert.Equal(t, &h, decoded)
		}
	}
	assert.True(t, (&hybrid.Hello{}).Serves(hybrid.FeatureCTAP))
	assert.False(t, (&hybrid.Hello{}).Serves(hybrid.FeatureDigital))
	assert.True(t, (&hybrid.Hello{Features: []string{"dc"}}).Serves(hybrid.FeatureDigital))
	assert.False(t, (&hybrid.Hello{Features: []string{"dc"}}).Serves(hybrid.FeatureCTAP))
}

// The padding of revision 0 is there whatever the length of the map.
func TestHelloPadding(t *testing.T) {
	t.Parallel()
	for n := range 600 {
		for _, revision := range []hybrid.Revision{hybrid.Revision0, hybrid.Revision0Short} {
			h := &hybrid.Hello{Info: bytes.Repeat([]byte{1}, n), Revision: revision}
			decoded, err := hybrid.DecodeHello(h.Encode())
			require.NoError(t, err, "%d bytes, form %d", n, revision)
			require.Equal(t, h, decoded)
		}
	}
}

func TestBrokenHellos(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ message, says string }{
		"empty":               {"", "does not end"},
		"no map":              {"80", "want a map"},
		"no info":             {"a0", "getInfo (1) is missing"},
		"info no bytes":       {"a1 01 a0", "want a byte string"},
		"ctap without info":   {"a1 03 81 64 63746170", "getInfo (1) is missing"},
		"linking no map":      {"a2 01 40 02 40", "want a map"},
		"linking incomplete":  {"a2 01 40 02 a0", "0 of the keys 1 to 6"},
		"features no array":   {"a2 01 40 03 00", "want an array"},
		"features too many":   {"a2 01 40 03 91" + strings.Repeat("60", 17), "more than 16"},
		"padding without end": {"a1 01 40 00 00 00 ff ff", "nothing follows"},
		"padded, but no map":  {"80 00 00 00 02 00", "nothing follows"},
	} {
		_, err := hybrid.DecodeHello(unhex(t, c.message))
		require.ErrorIs(t, err, hybrid.ErrMessage, name)
		assert.ErrorContains(t, err, c.says, name)
	}
	h, err := hybrid.DecodeHello(unhex(t, "a3 00 43 000000 01 40 18 63 f6"))
	require.NoError(t, err, "padding and unknown keys are passed over")
	assert.Equal(t, &hybrid.Hello{Info: []byte{}}, h)
}

func TestFrames(t *testing.T) {
	t.Parallel()
	for _, f := range []hybrid.Frame{
		{Type: hybrid.FrameShutdown, Payload: []byte{}}, {Type: hybrid.FrameCTAP, Payload: []byte{4}},
		{Type: hybrid.FrameUpdate, Payload: []byte{0xa0}}, {Type: hybrid.FrameJSON, Payload: []byte("{}")},
	} {
		plaintext, err := hybrid.Revision1.EncodeFrame(f)
		require.NoError(t, err)
		assert.Equal(t, append([]byte{byte(f.Type)}, f.Payload...), plaintext)
		decoded, err := hybrid.Revision1.DecodeFrame(plaintext)
		require.NoError(t, err)
		assert.Equal(t, f, decoded)

		plaintext, err = hybrid.Revision0.EncodeFrame(f)
		if f.Type != hybrid.FrameCTAP {
			assert.ErrorContains(t, err, f.Type.String())
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, f.Payload, plaintext, "without a type")
		decoded, err = hybrid.Revision0.DecodeFrame(plaintext)
		require.NoError(t, err)
		assert.Equal(t, f, decoded)
	}
	for name, plaintext := range map[string]string{"empty": "", "unknown type": "\x04", "CTAP with nothing": "\x01"} {
		_, err := hybrid.Revision1.DecodeFrame([]byte(plaintext))
		assert.ErrorIs(t, err, hybrid.ErrMessage, name)
	}
	_, err := hybrid.Revision0.DecodeFrame(nil)
	assert.ErrorIs(t, err, hybrid.ErrMessage)
}

// From outside all updates look the same.
func TestUpdates(t *testing.T) {
	t.Parallel()
	long := linking(t)
	long.Name = strings.Repeat("n", 600)
	middle := linking(t)
	middle.Name = strings.Repeat("n", 60)
	for _, l := range []*hybrid.Linking{nil, linking(t), middle, long} {
		payload := hybrid.Update{Linking: l}.Encode()
		decoded, err := hybrid.DecodeUpdate(payload)
		require.NoError(t, err)
		assert.Equal(t, hybrid.Update{Linking: l}, decoded)
		plaintext, err := hybrid.Revision1.EncodeFrame(hybrid.Frame{Type: hybrid.FrameUpdate, Payload: payload})
		require.NoError(t, err)
		client, _ := sessions(t)
		sealed, err := client.Seal(plaintext)
		require.NoError(t, err)
		if l != long {
			assert.Len(t, sealed, 512+16)
		}
	}
	for name, payload := range map[string]string{"empty": "", "no map": "80", "broken linking": "a1 01 a0"} {
		_, err := hybrid.DecodeUpdate(unhex(t, payload))
		assert.ErrorIs(t, err, hybrid.ErrMessage, name)
	}
	decoded, err := hybrid.DecodeUpdate(unhex(t, "a1 18 63 f6"))
	require.NoError(t, err)
	assert.Equal(t, hybrid.Update{}, decoded)
}
