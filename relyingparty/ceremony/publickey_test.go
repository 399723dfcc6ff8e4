package ceremony

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-webauthn/webauthn/protocol"
)

func TestPublicKeys(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	point, err := ec.PublicKey.Bytes()
	require.NoError(t, err)
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	type members = map[int]any
	es256 := func() members { return members{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]} }
	eddsa := func() members { return members{1: 1, 3: -8, -1: 6, -2: []byte(edwards)} }
	modulus := bytes.Repeat([]byte{0xff}, 256)
	rs256 := func() members { return members{1: 3, 3: -257, -1: modulus, -2: []byte{1, 0, 1}} }
	neutral := append([]byte{1}, make([]byte, 31)...)
	for name, c := range map[string]struct {
		key  func() members
		set  members
		want string
	}{
		"ES256":                    {key: es256},
		"EdDSA":                    {key: eddsa},
		"RS256":                    {key: rs256},
		"with an identifier":       {es256, members{2: []byte{1}}, "6 members"},
		"with operations":          {eddsa, members{4: []int{2}}, "5 members"},
		"with the private key":     {es256, members{-4: make([]byte, 32)}, "6 members"},
		"with an unknown label":    {rs256, members{-70001: 1}, "5 members"},
		"a zero point":             {eddsa, members{-2: make([]byte, 32)}, "small order"},
		"the neutral point":        {eddsa, members{-2: neutral}, "small order"},
		"the neutral point, odd":   {eddsa, members{-2: append(append([]byte{}, neutral[:31]...), 0x80)}, "small order"},
		"an even modulus":          {rs256, members{-1: append(append([]byte{}, modulus[:255]...), 0xfe)}, "even"},
		"a short modulus":          {rs256, members{-1: modulus[:255]}, "shorter than 2048"},
		"an exponent of 1":         {rs256, members{-2: []byte{1}}, "exponent"},
		"an even exponent":         {rs256, members{-2: []byte{1, 0, 0}}, "exponent"},
		"an exponent of no bytes":  {rs256, members{-2: []byte{}}, "exponent"},
		"a point that is no point": {es256, members{-3: make([]byte, 32)}, "point"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := c.key()
			for label, value := range c.set {
				key[label] = value
			}
			cose, err := cbor.Marshal(key)
			require.NoError(t, err)
			if err := CheckPublicKey(cose); c.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.want)
			}
		})
	}
}

// Where go-webauthn does not look, what names the model in a certificate is the AAGUID
// and nothing else.
func TestModelExtension(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value []byte
		good  bool
	}{
		"an AAGUID": {append([]byte{4, 16}, make([]byte, 16)...), true}, "nothing": {[]byte{4, 0}, false},
		"more": {append([]byte{4, 16}, make([]byte, 17)...), false}, "nothing that can be read": {make([]byte, 16), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			require.NoError(t, err)
			template := &x509.Certificate{SerialNumber: big.NewInt(1), ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 4}, Value: c.value}}}
			der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			require.NoError(t, err)
			err = checkStatement(&protocol.AttestationObject{Format: "packed", AttStatement: map[string]any{"x5c": []any{der}}})
			assert.Equal(t, c.good, err == nil, "%v", err)
		})
	}
}

func TestObjectNames(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{"fmt": true, "Fmt": false, "FMT": false, "format": false} {
		data, err := cbor.Marshal(map[string]any{name: "none", "attStmt": map[string]any{}, "authData": []byte{}})
		require.NoError(t, err)
		assert.Equal(t, good, checkNames(data) == nil, name)
	}
	assert.Error(t, checkNames([]byte{0xff}))
}
