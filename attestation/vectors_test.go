package attestation

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/testdata"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Statements of WebAuthn L3 §16 come out of the attesters byte for byte, given the
// vectors' keys and what their certificates say. What a vector lacks that real devices
// have, its bend takes away: android-key's authorization lists are empty there, and
// nothing says where the key is kept.
func TestVectorsAreReproduced(t *testing.T) {
	t.Parallel()
	vectors, err := testdata.WebAuthnVectors()
	require.NoError(t, err)
	attesters := map[string]func(*testing.T, *testdata.WebAuthnVector) Attester{
		webauthn.FormatNone:       func(*testing.T, *testdata.WebAuthnVector) Attester { return None() },
		webauthn.FormatPacked:     w3cPacked,
		webauthn.FormatFIDOU2F:    w3cFIDOU2F,
		webauthn.FormatAndroidKey: w3cAndroidKey,
		webauthn.FormatApple:      w3cApple,
	}
	tried := 0
	for _, v := range vectors {
		attester := attesters[v.Format]
		if attester == nil {
			assert.Equal(t, webauthn.FormatTPM, v.Format)
			continue
		}
		tried++
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			var o webauthn.AttestationObject
			require.NoError(t, canon.Unmarshal(v.Registration.AttestationObject, &o))
			hash := sha256.Sum256(v.Registration.ClientDataJSON)
			again, err := attester(t, &v).Attest(&Subject{
				AuthData: o.AuthData, ClientDataHash: hash[:], Time: w3cFrom,
				Sign: func(message []byte) ([]byte, error) { return w3cKey(t, v.Registration.PrivateKey).Sign(message) },
			})
			require.NoError(t, err)
			assert.Equal(t, o.Statement, again)
		})
	}
	assert.Equal(t, 14, tried)
}

// What all certificates of the vectors say.
var (
	w3cFrom = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	w3cTo   = time.Date(3024, 1, 1, 0, 0, 0, 0, time.UTC)
	w3cName = named(
		attribute{Type: commonName, Value: "WebAuthn test vectors"}, attribute{Type: organization, Value: "W3C"},
		attribute{Type: unit, Value: "Authenticator Attestation"}, attribute{Type: country, Value: "AA"},
	)
)

func w3cKey(t *testing.T, scalar []byte) *Key {
	t.Helper()
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	require.NoError(t, err)
	return &Key{Algorithm: webauthn.ES256, signer: private}
}

// w3cAuthority is the authority of the vectors.
func w3cAuthority(t *testing.T) *Authority {
	t.Helper()
	ca, err := testdata.WebAuthnAttestationCA()
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(ca.Certificate)
	require.NoError(t, err)
	return &Authority{ca: NewCA(nil, w3cFrom), key: w3cKey(t, ca.Key), certificate: certificate}
}

// w3cLeaf is a certificate of the vectors, its extensions in their order.
func w3cLeaf(t *testing.T, v *testdata.WebAuthnVector, public crypto.PublicKey) leaf {
	t.Helper()
	issuer := w3cAuthority(t)
	ec, ok := public.(*ecdsa.PublicKey)
	require.True(t, ok)
	point, err := ec.Bytes()
	require.NoError(t, err)
	id := sha1.Sum(point)
	extension := func(number int, critical bool, value string) pkix.Extension {
		return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, number}, Critical: critical, Value: []byte(value)}
	}
	return leaf{&x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(v.Registration.AttestationSerial), Subject: w3cName, NotBefore: w3cFrom, NotAfter: w3cTo,
		ExtraExtensions: []pkix.Extension{
			extension(19, true, "\x30\x00"), extension(15, true, "\x03\x02\x07\x80"),
			extension(14, false, "\x04\x14"+string(id[:])), extension(35, false, "\x30\x16\x80\x14"+string(issuer.certificate.SubjectKeyId)),
		},
	}, public, issuer}
}

// bent is an attester with a bend that is no defect.
func bent[D any](t *testing.T, a Attester, shape func(*D)) Attester {
	t.Helper()
	changed, ok := a.(breakable).broken(bend[D]{shape: shape})
	require.True(t, ok)
	return changed
}

func w3cPacked(t *testing.T, v *testdata.WebAuthnVector) Attester {
	if v.Registration.AttestationKey == nil {
		return PackedSelf()
	}
	a, err := Packed(w3cAuthority(t), PackedOptions{})
	require.NoError(t, err)
	return bent(t, a, func(d *packedDraft) {
		d.key = w3cKey(t, v.Registration.AttestationKey)
		d.leaf = w3cLeaf(t, v, d.key.Public())
	})
}

func w3cFIDOU2F(t *testing.T, v *testdata.WebAuthnVector) Attester {
	a, err := FIDOU2F(w3cAuthority(t), FIDOU2FOptions{})
	require.NoError(t, err)
	return bent(t, a, func(d *u2fDraft) {
		d.key = w3cKey(t, v.Registration.AttestationKey)
		d.leaf = w3cLeaf(t, v, d.key.Public())
	})
}

func w3cAndroidKey(t *testing.T, v *testdata.WebAuthnVector) Attester {
	return bent(t, AndroidKey(Provisioned(w3cAuthority(t)), AndroidKeyOptions{}), func(d *androidKeyDraft) {
		d.leaf = w3cLeaf(t, v, d.leaf.public)
		d.description = &keyDescription{version: keyMintVersion, challenge: d.about.ClientDataHash}
	})
}

func w3cApple(t *testing.T, v *testdata.WebAuthnVector) Attester {
	return bent(t, Apple(w3cAuthority(t), AppleOptions{}), func(d *appleDraft) { d.leaf = w3cLeaf(t, v, d.leaf.public) })
}

// What the spec prints as the extensions of an example certificate (§8.2.1).
func TestExtensionsAreAsInTheSpec(t *testing.T) {
	t.Parallel()
	encoded := func(e pkix.Extension) []byte {
		der, err := asn1.Marshal(e)
		require.NoError(t, err)
		return der
	}
	id := webauthn.AAGUID([]byte("\xcd\x8c\x39\x5c\x26\xed\xee\xde\x65\x3b\x00\x79\x7d\x03\xca\x3c"))
	head := []byte("\x06\x0b\x2b\x06\x01\x04\x01\x82\xe5\x1c\x01\x01")
	assert.Equal(t, slices.Concat([]byte("\x30\x21"), head, []byte("\x04\x04\x12\x04\x10"), id[:]), encoded(aaguidExtension(id)))
	assert.Equal(t, slices.Concat([]byte("\x30\x12"), head, []byte("\x05\x04\x03\x02\x01\x2a")), encoded(FirmwareExtension(42)))
	assert.Equal(t, []byte("\x04\x03abc"), SerialExtension([]byte("abc")).Value)
	assert.Equal(t, []byte("\x03\x02\x04\x30"), TransportsExtension(webauthn.TransportUSB, webauthn.TransportNFC).Value, "as on keys that are sold")
	assert.Equal(t, []byte("\x03\x01\x00"), TransportsExtension(webauthn.TransportHybrid).Value)
}
