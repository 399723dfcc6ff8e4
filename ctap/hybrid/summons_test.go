package hybrid_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

func someSummons() *hybrid.Summons {
	return &hybrid.Summons{
		Routing: hybrid.RoutingID{1, 2, 3}, Tunnel: hybrid.TunnelID{4, 15: 5},
		Contact: &hybrid.Contact{LinkID: [8]byte{6}, Nonce: [16]byte{7}, Hint: "ga"},
	}
}

func TestSummons(t *testing.T) {
	t.Parallel()
	want := someSummons()
	message := want.Encode()
	assert.Equal(t, []byte{1, 2, 3, 4, 18: 5}, message[:19])
	assert.Equal(t, want.Contact.Header(), string(message[19:]))
	got, err := hybrid.DecodeSummons(message)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Equal(t, "/cable/listen/_-8B", hybrid.ListenContactPath([]byte{0xff, 0xef, 1}))

	for _, bad := range [][]byte{nil, message[:18], message[:19], message[:30], append(message[:19:19], make([]byte, 2000)...)} {
		_, err := hybrid.DecodeSummons(bad)
		require.ErrorIs(t, err, hybrid.ErrContact)
	}
}

func FuzzDecodeSummons(f *testing.F) {
	f.Add(someSummons().Encode())
	f.Add(make([]byte, 19))
	f.Fuzz(func(t *testing.T, message []byte) {
		s, err := hybrid.DecodeSummons(message)
		if err != nil {
			return
		}
		again, err := hybrid.DecodeSummons(s.Encode())
		require.NoError(t, err)
		assert.Equal(t, s, again)
	})
}
