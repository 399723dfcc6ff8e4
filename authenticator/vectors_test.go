package authenticator_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"io"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/testdata"
	"github.com/passkeylab/passkeylab/webauthn"
)

// lacking is what the authenticator cannot do yet for a vector of WebAuthn L3
// §16. Whoever adds it deletes the entry, and is told so by the test. Without
// the key, nothing of the vector is reproduced; without the statement, all the
// rest is.
var lacking = map[string]struct{ key, statement string }{
	"tpm-es256":         {statement: "tpm"},
	"android-key-es256": {statement: "android-key"},
	"apple-es256":       {statement: "apple"},
}

// A device that draws what a vector drew says, byte for byte, what the vector
// says: client data, attestation object, authenticator data and signature. One
// that is given the credential signs in alike.
func TestVectorsAreReproduced(t *testing.T) {
	t.Parallel()
	all, err := testdata.WebAuthnVectors()
	require.NoError(t, err)
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			if key := lacking[v.Name].key; key != "" {
				require.Error(t, vectorModel(&v).Check(), "%s is there now: delete it from lacking", key)
				return
			}
			d := newVectorDevice(t, &v)
			d.register()
			d.sync()
			d.signIn()
			d = newVectorDevice(t, &v)
			d.beGiven()
			d.sync()
			d.signIn()
		})
	}
}

// vectorDevice is a device about to reproduce a vector.
type vectorDevice struct {
	*authenticator.Authenticator
	t      *testing.T
	v      *testdata.WebAuthnVector
	random *script
	secret authenticator.Secret
}

func newVectorDevice(t *testing.T, v *testdata.WebAuthnVector) *vectorDevice {
	t.Helper()
	model := vectorModel(v)
	if lacking[v.Name].statement != "" && model.Check() != nil {
		model.AttestationFormats, model.Attestation = []string{webauthn.FormatNone}, nil // in its place, for the sake of the rest
	}
	random := &script{rest: seed.Stream(seed.Named(t.Name()))}
	secret := vectorSecret(t, v)
	a, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
		Clock: authenticator.NewManualClock(start), Random: random,
	}, authenticator.Seams{Key: func(string, authenticator.Secret) authenticator.Secret { return secret }})
	require.NoError(t, err)
	return &vectorDevice{a, t, v, random, secret}
}

// vectorModel is the kind of device that a vector is from: its credentials have
// IDs of their own, and no counter.
func vectorModel(v *testdata.WebAuthnVector) authenticator.Model {
	m := authenticator.Phone()
	m.Name, m.AAGUID = v.Name, v.Registration.AAGUID
	m.Algorithms, m.AttestationFormats = []webauthn.Algorithm{webauthn.Algorithm(v.Algorithm)}, []string{v.Format}
	m.Attestation = vectorAttestation(v)
	m.NonDiscoverable, m.CredentialIDBytes = authenticator.Stored, len(v.Registration.CredentialID)
	m.Counter = authenticator.CounterZero
	m.BackupEligible, m.BackedUp = v.Registration.BackupEligible, v.Registration.BackedUp
	return m
}

// vectorAttestation is the maker's key of a vector, nil where it has none. The
// certificate is taken from the statement, which the tests of testdata look into.
func vectorAttestation(v *testdata.WebAuthnVector) *authenticator.AttestationKey {
	if len(v.Registration.AttestationKey) == 0 {
		return nil
	}
	object, err := webauthn.ParseAttestationObject(v.Registration.AttestationObject)
	if err != nil {
		return nil
	}
	var statement struct {
		X5C [][]byte `cbor:"x5c"`
	}
	if canon.Unmarshal(object.Statement, &statement) != nil {
		return nil
	}
	return &authenticator.AttestationKey{Algorithm: webauthn.ES256, Private: v.Registration.AttestationKey, Certificates: statement.X5C}
}

// script is a source of randomness that first serves what it is told to.
type script struct {
	told []byte
	rest io.Reader
}

func (s *script) Read(p []byte) (int, error) {
	if len(s.told) == 0 {
		return s.rest.Read(p)
	}
	n := copy(p, s.told)
	s.told = s.told[n:]
	return n, nil
}

// vectorSecret is the private key as the device keeps it: a scalar of P-521 has
// 66 bytes there, and 65 in the vector; RSA is two primes.
func vectorSecret(t *testing.T, v *testdata.WebAuthnVector) authenticator.Secret {
	t.Helper()
	secret := v.Registration.PrivateKey
	switch {
	case webauthn.Algorithm(v.Algorithm) == webauthn.ES512:
		return append(make([]byte, 66-len(secret)), secret...)
	case v.Registration.Primes != nil:
		der, err := x509.MarshalPKCS8PrivateKey(rsaOf(v.Registration.Primes))
		require.NoError(t, err)
		c := new(authenticator.Credential)
		require.NoError(t, c.SetPKCS8(der))
		return c.PrivateKey
	}
	return secret
}

// register has makeCredential draw what the vector drew: the private key first,
// the credential ID second; whatever it may draw besides has to come after these.
// A key that a device makes of a seed comes in by the seam instead.
func (d *vectorDevice) register() {
	d.t.Helper()
	r := &d.v.Registration
	drawn := d.secret
	if len(drawn) != 32 {
		drawn = bytes.Repeat([]byte{1}, 32)
	}
	d.random.told = slices.Concat(drawn, r.CredentialID)
	made, err := ctap.Call(d.t.Context(), d, &ctap.MakeCredentialRequest{
		ClientDataHash:   d.clientDataHash(webauthn.ClientDataCreate, &r.Ceremony),
		RP:               ctap.RPEntity{ID: d.v.RPID},
		User:             ctap.UserEntity{ID: []byte("handle-alice")},
		PubKeyCredParams: []ctap.Parameters{{Algorithm: d.v.Algorithm, Type: ctap.PublicKey}},
		Options:          verifying(&r.Ceremony),
	})
	require.NoError(d.t, err)
	require.Empty(d.t, d.random.told, "all that was told is drawn")

	want, err := webauthn.ParseAttestationObject(r.AttestationObject)
	require.NoError(d.t, err)
	assert.Equal(d.t, want.AuthData, made.AuthData)
	object := webauthn.AttestationObject{Format: made.Format, Statement: made.Statement, AuthData: made.AuthData}
	if statement := lacking[d.v.Name].statement; statement != "" {
		assert.NotEqual(d.t, r.AttestationObject, object.Marshal(), "attestation %s is there now: delete it from lacking", statement)
		return
	}
	assert.Equal(d.t, r.AttestationObject, object.Marshal())
}

// beGiven puts the credential of the vector on the device.
func (d *vectorDevice) beGiven() {
	d.t.Helper()
	r := &d.v.Registration
	c := &authenticator.Credential{
		ID: r.CredentialID, RPID: d.v.RPID, BackupEligible: r.BackupEligible, BackedUp: r.BackedUp,
		Algorithm: webauthn.Algorithm(d.v.Algorithm), PrivateKey: d.secret,
	}
	require.NoError(d.t, d.Import(d.t.Context(), c))
}

// sync is what happened to the credential between the ceremonies.
func (d *vectorDevice) sync() {
	d.t.Helper()
	c, err := d.Credential(d.t.Context(), d.v.RPID, d.v.Registration.CredentialID)
	require.NoError(d.t, err)
	synced := *c
	synced.BackedUp = d.v.Authentication.BackedUp
	require.NoError(d.t, d.Import(d.t.Context(), &synced))
}

func (d *vectorDevice) signIn() {
	d.t.Helper()
	a := &d.v.Authentication
	got, err := ctap.Call(d.t.Context(), d, &ctap.GetAssertionRequest{
		RPID:           d.v.RPID,
		ClientDataHash: d.clientDataHash(webauthn.ClientDataGet, &a.Ceremony),
		AllowList:      descriptors(d.v.Registration.CredentialID),
		Options:        verifying(&a.Ceremony),
	})
	require.NoError(d.t, err)
	assert.Equal(d.t, a.AuthenticatorData, got.AuthData)
	assert.Equal(d.t, a.Signature, got.Signature)
}

// clientDataHash makes the client data of a ceremony. The member that some
// vectors add stands for those that clients may come to add; ours adds none.
func (d *vectorDevice) clientDataHash(kind string, c *testdata.Ceremony) []byte {
	d.t.Helper()
	data := webauthn.ClientData{
		Type: kind, Challenge: c.Challenge, Origin: d.v.Origin, CrossOrigin: d.v.CrossOrigin, TopOrigin: d.v.TopOrigin,
	}
	text := data.Marshal()
	if extra := c.ExtraData(); extra != "" {
		text = append(text[:len(text)-1], `,"extraData":"`+extra+`"}`...)
	}
	require.Equal(d.t, string(c.ClientDataJSON), string(text))
	hash := sha256.Sum256(text)
	return hash[:]
}

func verifying(c *testdata.Ceremony) *ctap.Options {
	if !c.UserVerified {
		return nil
	}
	return &ctap.Options{UV: ptr(true)}
}

// rsaOf is the key of two primes with the exponent that everybody uses.
func rsaOf(primes [][]byte) *rsa.PrivateKey {
	one := big.NewInt(1)
	p, q := new(big.Int).SetBytes(primes[0]), new(big.Int).SetBytes(primes[1])
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, Primes: []*big.Int{p, q}}
	key.D = new(big.Int).ModInverse(big.NewInt(int64(key.E)), new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)))
	key.Precompute()
	return key
}
