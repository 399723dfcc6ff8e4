package authenticator_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"math/big"
	"slices"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// attested verifies what a registration's certificate signs, and returns it.
func attested(t *testing.T, made *u2f.RegisterResponse) *x509.Certificate {
	t.Helper()
	certificate, err := x509.ParseCertificate(made.Certificate)
	require.NoError(t, err)
	message := u2f.RegistrationSigned(ourApp, challenge, made.KeyHandle, made.PublicKey)
	require.NoError(t, certificate.CheckSignature(x509.ECDSAWithSHA256, message, made.Signature))
	return certificate
}

// Without a key of the maker, the certificate is the model's own: the same on
// every device and after every power cycle, another one for another model.
func TestU2FAttestation(t *testing.T) {
	t.Parallel()
	r, twin := newRig(t, authenticator.SecurityKey()), newRig(t, authenticator.SecurityKey())
	certificate := attested(t, r.register())
	assert.True(t, attested(t, twin.register()).Equal(certificate))
	assert.True(t, attested(t, r.register()).Equal(certificate))
	r.PowerCycle()
	assert.True(t, attested(t, r.register()).Equal(certificate))

	assert.Equal(t, 3, certificate.Version)
	assert.NoError(t, certificate.CheckSignature(certificate.SignatureAlgorithm, certificate.RawTBSCertificate, certificate.Signature), "it signs itself")
	assert.False(t, certificate.IsCA)
	assert.Contains(t, certificate.Subject.CommonName, "security key")
	transports := slices.IndexFunc(certificate.Extensions, func(e pkix.Extension) bool { return e.Id.String() == "1.3.6.1.4.1.45724.2.1.1" })
	require.GreaterOrEqual(t, transports, 0)
	var bits asn1.BitString
	_, err := asn1.Unmarshal(certificate.Extensions[transports].Value, &bits)
	require.NoError(t, err)
	for bit, want := range []int{0, 0, 1, 1, 0} { // USB and NFC
		assert.Equal(t, want, bits.At(bit), "transport bit %d", bit)
	}

	other := attested(t, newRig(t, extended(func(m *authenticator.Model) { m.AAGUID, m.Transports = webauthn.AAGUID{}, []string{"ble", "cable"} })).register())
	assert.NotEqual(t, certificate.PublicKey, other.PublicKey)
}

// realMakersKey is an attestation key with a certificate that stands up to a
// relying party.
func realMakersKey(t *testing.T) *authenticator.AttestationKey {
	t.Helper()
	k := makersKey("")
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: start.AddDate(-10, 0, 0), NotAfter: start.AddDate(40, 0, 0)}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), k.Private)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(nil, template, template, private.Public(), private)
	require.NoError(t, err)
	k.Certificates = [][]byte{der, []byte("of a CA")}
	return k
}

// The maker's key attests where it can.
func TestU2FAttestationByTheMaker(t *testing.T) {
	t.Parallel()
	k := realMakersKey(t)
	certificate := attested(t, newRig(t, extended(func(m *authenticator.Model) { m.Attestation = k })).register())
	assert.Equal(t, k.Certificates[0], certificate.Raw)
	for name, spoil := range map[string]func(*authenticator.AttestationKey){
		"no certificate":    func(k *authenticator.AttestationKey) { k.Certificates = nil },
		"another algorithm": func(k *authenticator.AttestationKey) { k.Algorithm = webauthn.EdDSA },
	} {
		bad := *k
		spoil(&bad)
		useless := func(m *authenticator.Model) { m.Attestation = &bad }
		certificate := attested(t, newRig(t, extended(useless)).register())
		assert.Contains(t, certificate.Subject.CommonName, "security key", name)
		assert.ErrorContains(t, extended(useless, u2fFormat).Check(), "fido-u2f statements need", name)
	}
}

func u2fFormat(m *authenticator.Model) { m.AttestationFormats = []string{webauthn.FormatFIDOU2F} }

// verifyU2F has go-webauthn verify a fido-u2f attestation object.
func verifyU2F(t *testing.T, object *webauthn.AttestationObject, verified bool) {
	t.Helper()
	clientData, err := json.Marshal(map[string]string{"type": webauthn.ClientDataCreate})
	require.NoError(t, err)
	response := &protocol.AuthenticatorAttestationResponse{AttestationObject: object.Marshal()}
	response.ClientDataJSON = clientData
	parsed, err := response.Parse()
	require.NoError(t, err)
	assert.Equal(t, webauthn.FormatFIDOU2F, parsed.AttestationObject.Format)
	params := []protocol.CredentialParameter{{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256}}
	verify := func() error {
		return parsed.AttestationObject.Verify("example.com", clientDataHash[:], verified, true, nil, params, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	}
	require.NoError(t, verify())
	signature := parsed.AttestationObject.AttStatement["sig"].([]byte)
	signature[len(signature)-1] ^= 1
	require.Error(t, verify(), "another signature does not pass")
}

// The format fido-u2f of makeCredential, WebAuthn L3 §8.6.
func TestGoWebauthnVerifiesFIDOU2F(t *testing.T) {
	t.Parallel()
	k := realMakersKey(t)
	for _, rk := range []bool{true, false} {
		r := newRig(t, extended(u2fFormat, func(m *authenticator.Model) { m.Attestation = k }))
		made, _ := r.create(func(req *ctap.MakeCredentialRequest) { req.Options.RK = &rk })
		verifyU2F(t, &webauthn.AttestationObject{Format: made.Format, Statement: made.Statement, AuthData: made.AuthData}, true)

		other, _ := r.create(withAlgorithm(webauthn.EdDSA))
		assert.Equal(t, webauthn.FormatNone, other.Format, "which knows ES256 alone")
	}
}

// A registration by U2F is an attestation object of the same format, made as
// clients make it.
func TestGoWebauthnVerifiesU2FRegistration(t *testing.T) {
	t.Parallel()
	made := newRig(t, authenticator.SecurityKey()).register()
	certificate := attested(t, made)
	key, err := ecdsa.ParseUncompressedPublicKey(certificate.PublicKey.(*ecdsa.PublicKey).Curve, made.PublicKey)
	require.NoError(t, err)
	cose, err := webauthn.EncodeCOSEKey(webauthn.ES256, key)
	require.NoError(t, err)
	data := webauthn.AuthenticatorData{
		RPIDHash: ourApp, Flags: webauthn.UserPresent,
		Attested: &webauthn.AttestedCredential{CredentialID: made.KeyHandle, PublicKey: cose},
	}
	statement, err := canon.Marshal(&webauthn.FIDOU2FStatement{X5C: [][]byte{made.Certificate}, Signature: made.Signature})
	require.NoError(t, err)
	verifyU2F(t, &webauthn.AttestationObject{Format: webauthn.FormatFIDOU2F, Statement: statement, AuthData: data.Marshal()}, false)
}
