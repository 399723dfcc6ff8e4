package hybrid_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

func TestAdvert(t *testing.T) {
	t.Parallel()
	key := hybrid.FromQR([16]byte{1}).EIDKey()
	eid, err := hybrid.NewEID(bytes.NewReader([]byte("0123456789")), hybrid.RoutingID{0xa, 0xb, 0xc}, 0x1234)
	require.NoError(t, err)
	assert.Equal(t, append([]byte("\x000123456789"), 0xa, 0xb, 0xc, 0x34, 0x12), eid[:])
	assert.Equal(t, hybrid.RoutingID{0xa, 0xb, 0xc}, eid.Routing())
	assert.Equal(t, hybrid.Domain(0x1234), eid.Domain())

	advert := key.Seal(eid)
	opened, err := key.Open(advert[:])
	require.NoError(t, err)
	assert.Equal(t, eid, opened)
	opened, err = key.Open(append(advert[:], 0xa1, 0x01, 0x19, 0x00, 0x80))
	require.NoError(t, err, "what follows belongs to later versions")
	assert.Equal(t, eid, opened)

	for i := range advert {
		changed := advert
		changed[i] ^= 1
		_, err := key.Open(changed[:])
		assert.ErrorIs(t, err, hybrid.ErrAdvert, "byte %d", i)
	}
	reserved := key.Seal(hybrid.EID{1})
	_, err = key.Open(reserved[:])
	assert.ErrorContains(t, err, "reserved byte")
	for _, size := range []int{0, 19, 256} {
		_, err := key.Open(make([]byte, size))
		assert.ErrorContains(t, err, "want 20 to 255")
	}
	_, err = hybrid.FromQR([16]byte{2}).EIDKey().Open(advert[:])
	assert.Equal(t, hybrid.ErrAdvert, err)
}

func TestTrialDecryption(t *testing.T) {
	t.Parallel()
	var keys []hybrid.EIDKey
	for i := range byte(4) {
		keys = append(keys, hybrid.FromLink([32]byte{i}, [16]byte{i}).EIDKey())
	}
	eid := hybrid.EID{15: 9}
	advert := keys[2].Seal(eid)
	i, opened := hybrid.OpenAny(advert[:], keys...)
	assert.Equal(t, 2, i)
	assert.Equal(t, eid, opened)
	i, _ = hybrid.OpenAny(advert[:], keys[:2]...)
	assert.Equal(t, -1, i)
}

// Some clients look at the domain of an advert that has none.
func TestLinkedAdverts(t *testing.T) {
	t.Parallel()
	unassigned := append(make([]byte, 13), 0x80, 0x00)
	good := append([]byte("another advert"), 1)
	eid, err := hybrid.NewLinkedEID(io.MultiReader(bytes.NewReader(unassigned), bytes.NewReader(good)))
	require.NoError(t, err)
	assert.Equal(t, append([]byte{0}, good...), eid[:])

	_, err = hybrid.NewLinkedEID(bytes.NewReader(bytes.Repeat(unassigned, 99)))
	assert.ErrorContains(t, err, "draws")
	_, err = hybrid.NewLinkedEID(bytes.NewReader(nil))
	assert.ErrorIs(t, err, io.EOF)
	_, err = hybrid.NewEID(bytes.NewReader(nil), hybrid.RoutingID{}, 0)
	assert.ErrorIs(t, err, io.EOF)
}

func TestKeysAreDrawn(t *testing.T) {
	t.Parallel()
	tooBig, one := bytes.Repeat([]byte{0xff}, 32), append(make([]byte, 31), 1)
	drawn, err := hybrid.NewKey(io.MultiReader(bytes.NewReader(tooBig), bytes.NewReader(one)))
	require.NoError(t, err)
	assert.Equal(t, one, drawn.Bytes())
	_, err = hybrid.NewKey(bytes.NewReader(bytes.Repeat(tooBig, 99)))
	assert.ErrorContains(t, err, "no scalar")
	_, err = hybrid.NewKey(bytes.NewReader(one[1:]))
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	root := hybrid.FromLink([32]byte{'x'}, [16]byte{})
	for _, secret := range []any{root, root.EIDKey(), root.PSK(hybrid.EID{}), hybrid.Owner{1}} {
		assert.Equal(t, "(secret) (secret)", fmt.Sprintf("%v %x", secret, secret))
	}
}
