package hybrid_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/canon"
)

func TestLinking(t *testing.T) {
	t.Parallel()
	l := linking(t)
	decoded, err := hybrid.DecodeLinking(l.Encode())
	require.NoError(t, err)
	assert.Equal(t, l, decoded)
	l.PlayServices = true
	decoded, err = hybrid.DecodeLinking(l.Encode())
	require.NoError(t, err)
	assert.True(t, decoded.PlayServices)
}

// The signature holds for one authenticator, one QR code and one handshake.
func TestLinkingSignature(t *testing.T) {
	t.Parallel()
	l := linking(t)
	require.NoError(t, l.Verify(key(t, 1), [32]byte{7}))
	assert.Equal(t, hybrid.ErrSignature, l.Verify(key(t, 1), [32]byte{8}), "another handshake")
	assert.Equal(t, hybrid.ErrSignature, l.Verify(key(t, 2), [32]byte{7}), "another QR code")
	l.Key = key(t, 6).PublicKey()
	assert.Equal(t, hybrid.ErrSignature, l.Verify(key(t, 1), [32]byte{7}), "another authenticator")
}

func TestBrokenLinking(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key   int
		value any
		says  string
	}{
		"no contact ID":         {1, nil, "5 of the keys 1 to 6"},
		"an empty contact ID":   {1, []byte{}, "contact ID"},
		"an endless contact ID": {1, make([]byte, 1025), "contact ID"},
		"a short link ID":       {2, make([]byte, 7), "7 bytes, want 8"},
		"a short secret":        {3, make([]byte, 31), "31 bytes, want 32"},
		"a compressed key":      {4, make([]byte, 33), "not a point"},
		"no key":                {4, make([]byte, 65), "not a point"},
		"an endless name":       {5, string(bytes.Repeat([]byte{'n'}, 1025)), "a name of 1025 bytes"},
		"no name":               {5, nil, "5 of the keys 1 to 6"},
		"a short signature":     {6, make([]byte, 31), "31 bytes, want 32"},
		"marked with a number":  {999, 1, "true or false"},
	} {
		var pairs map[int]any
		require.NoError(t, canon.Unmarshal(linking(t).Encode(), &pairs), name)
		if pairs[c.key] = c.value; c.value == nil {
			delete(pairs, c.key)
		}
		data, err := canon.Marshal(pairs)
		require.NoError(t, err)
		_, err = hybrid.DecodeLinking(data)
		require.ErrorIs(t, err, hybrid.ErrMessage, name)
		assert.ErrorContains(t, err, c.says, name)
	}
}
