package hybrid_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

func TestPaths(t *testing.T) {
	t.Parallel()
	tunnel, routing := hybrid.TunnelID{0xab, 15: 1}, hybrid.RoutingID{0xcd, 0, 2}
	assert.Equal(t, "/cable/new/AB000000000000000000000000000001", hybrid.NewTunnelPath(tunnel))
	assert.Equal(t, "/cable/connect/CD0002/AB000000000000000000000000000001", hybrid.ConnectTunnelPath(routing, tunnel))
	assert.Equal(t, "/cable/contact/_-8B", hybrid.ContactTunnelPath([]byte{0xff, 0xef, 1}))

	for _, cased := range []func(string) string{strings.ToUpper, strings.ToLower} {
		parsed, err := hybrid.ParseTunnelID(cased(tunnel.String()))
		require.NoError(t, err)
		assert.Equal(t, tunnel, parsed)
		where, err := hybrid.ParseRoutingID(cased(routing.String()))
		require.NoError(t, err)
		assert.Equal(t, routing, where)
	}
	contact, err := hybrid.ParseContactID("_-8B")
	require.NoError(t, err)
	assert.Equal(t, []byte{0xff, 0xef, 1}, contact)

	for _, bad := range []string{"", "AB", strings.Repeat("AB", 17), strings.Repeat("XY", 16)} {
		_, err := hybrid.ParseTunnelID(bad)
		assert.ErrorContains(t, err, "tunnel ID", bad)
	}
	for _, bad := range []string{"", "12345", "1234567", "12345g"} {
		_, err := hybrid.ParseRoutingID(bad)
		assert.ErrorContains(t, err, "routing ID", bad)
	}
	for _, bad := range []string{"", "_-8=", "+/8B", strings.Repeat("A", 2000)} {
		_, err := hybrid.ParseContactID(bad)
		assert.ErrorContains(t, err, "contact ID", bad)
	}
}

func TestCloseCodes(t *testing.T) {
	t.Parallel()
	for code, says := range map[hybrid.CloseCode]string{
		hybrid.CloseNormal: "left", hybrid.CloseLost: "lost", hybrid.CloseUnsupported: "binary", hybrid.ClosePolicy: "too long",
		hybrid.CloseTooLong: "1048576", 4000: "4000",
	} {
		assert.Contains(t, code.String(), says)
	}
}

func TestContact(t *testing.T) {
	t.Parallel()
	c := &hybrid.Contact{LinkID: [8]byte{1, 7: 2}, Nonce: [16]byte{3, 15: 4}, Hint: hybrid.HintAssertion}
	const header = "A3014801000000000000020250030000000000000000000000000000040362" + "6761"
	assert.Equal(t, header, c.Header())
	for _, cased := range []func(string) string{strings.ToUpper, strings.ToLower} {
		parsed, err := hybrid.ParseContact(cased(header))
		require.NoError(t, err)
		assert.Equal(t, c, parsed)
	}
	bare, err := hybrid.ParseContact((&hybrid.Contact{}).Header())
	require.NoError(t, err, "older clients give no hint")
	assert.Equal(t, &hybrid.Contact{}, bare)

	for name, header := range map[string]string{
		"empty": "", "no hexadecimal": "XY", "odd": "A30", "no map": "80", "no nonce": "A1 01 48 0102030405060708",
		"a short link ID": "A2 01 47 01020304050607 02 50 000102030405060708090a0b0c0d0e0f",
		"a short nonce":   "A2 01 48 0102030405060708 02 4F 000102030405060708090a0b0c0d0e",
		"a hint of bytes": "A3 01 48 0102030405060708 02 50 000102030405060708090a0b0c0d0e0f 03 41 01",
		"too long":        strings.Repeat("00", 513),
	} {
		_, err := hybrid.ParseContact(strings.ReplaceAll(header, " ", ""))
		assert.ErrorIs(t, err, hybrid.ErrContact, name)
	}
	unknown, err := hybrid.ParseContact(strings.ReplaceAll("A3 01 48 0000000000000000 02 50 00000000000000000000000000000000 04 00", " ", ""))
	require.NoError(t, err)
	assert.Equal(t, &hybrid.Contact{}, unknown)
}

// All secrets of an authenticator follow from one, and a new contact ID ends all
// links.
func TestOwner(t *testing.T) {
	t.Parallel()
	owner := hybrid.Owner{1}
	identity, err := owner.Identity()
	require.NoError(t, err)
	again, err := owner.Identity()
	require.NoError(t, err)
	other, err := hybrid.Owner{2}.Identity()
	require.NoError(t, err)
	assert.Equal(t, identity, again)
	assert.NotEqual(t, identity, other)

	secret := owner.LinkSecret([]byte("contact"), [8]byte{1})
	assert.Equal(t, secret, owner.LinkSecret([]byte("contact"), [8]byte{1}))
	assert.NotEqual(t, secret, owner.LinkSecret([]byte("contact"), [8]byte{2}))
	assert.NotEqual(t, secret, owner.LinkSecret([]byte("new contact"), [8]byte{1}))
	assert.NotEqual(t, secret, hybrid.Owner{2}.LinkSecret([]byte("contact"), [8]byte{1}))
}
