package ceremony_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/webauthn"
)

// birthday is when certificates begin. go-webauthn holds those of attestation to the
// real time.
var birthday = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// maker attests to its authenticators: a root, and a certificate for each batch.
type maker struct {
	t    testing.TB
	root *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newMaker(t testing.TB, name string) *maker {
	t.Helper()
	m := &maker{t: t, key: keyOf(t, name)}
	m.root = m.certificate(&x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, m.key, nil)
	return m
}

func keyOf(t testing.TB, name string) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalarOf(name))
	require.NoError(t, err)
	return key
}

func scalarOf(name string) []byte {
	scalar := bytes.Repeat([]byte{1}, 32)
	copy(scalar[1:], name)
	return scalar
}

func (m *maker) certificate(template *x509.Certificate, key *ecdsa.PrivateKey, by *x509.Certificate) *x509.Certificate {
	m.t.Helper()
	template.NotBefore, template.NotAfter = birthday, birthday.AddDate(100, 0, 0)
	if by == nil {
		by = template
	}
	der, err := x509.CreateCertificate(nil, template, by, &key.PublicKey, m.key)
	require.NoError(m.t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(m.t, err)
	return c
}

// batch is the attestation key of a batch of a model; see WebAuthn L3 §8.2.1. A model
// without AAGUID has none in the certificate either.
func (m *maker) batch(name string, id webauthn.AAGUID) *authenticator.AttestationKey {
	m.t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), BasicConstraintsValid: true,
		Subject: pkix.Name{Country: []string{"AT"}, Organization: []string{"passkeylab"}, OrganizationalUnit: []string{"Authenticator Attestation"}, CommonName: name},
	}
	if id != (webauthn.AAGUID{}) {
		value, err := asn1.Marshal(id[:])
		require.NoError(m.t, err)
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 4}, Value: value}}
	}
	c := m.certificate(template, keyOf(m.t, name), m.root)
	return &authenticator.AttestationKey{Algorithm: webauthn.ES256, Private: scalarOf(name), Certificates: [][]byte{c.Raw}}
}

// keyIdentifier is how metadata name a key of attestation.
func keyIdentifier(t testing.TB, k *authenticator.AttestationKey) string {
	t.Helper()
	c, err := x509.ParseCertificate(k.Certificates[0])
	require.NoError(t, err)
	point, err := c.PublicKey.(*ecdsa.PublicKey).Bytes()
	require.NoError(t, err)
	sum := sha1.Sum(point)
	return hex.EncodeToString(sum[:])
}

// keyModel is a security key whose maker attests to it.
func keyModel(m *maker) authenticator.Model {
	model := authenticator.SecurityKey()
	model.Algorithms = []webauthn.Algorithm{webauthn.ES256}
	model.Attestation = m.batch("first batch", model.AAGUID)
	return model
}

// statementOf is what metadata say of a model that a maker attests to.
func statementOf(model authenticator.Model, m *maker) *mds.Statement {
	return mds.Key(model.AAGUID, "Test Key 5", m.root.Raw)
}

// world is a metadata service and a relying party that believes it.
type world struct {
	t       testing.TB
	clock   *authenticator.ManualClock
	service *mds.Service
	site    *ceremony.Ceremonies
	known   map[string]ceremony.Credential // by ID
}

const origin = "https://acme.test"

func newWorld(t testing.TB, entries ...mds.Entry) *world {
	t.Helper()
	w := &world{t: t, clock: authenticator.NewManualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)), known: map[string]ceremony.Credential{}}
	var err error
	w.service, err = mds.New(mds.Config{Secret: []byte("models"), Clock: w.clock.Now})
	require.NoError(t, err)
	w.service.Publish(entries...)
	known, err := ceremony.NewMetadata(ceremony.MetadataConfig{
		Source: func(context.Context) ([]byte, error) { return w.service.BLOB() },
		Root:   w.service.Root(), Clock: w.clock.Now,
	})
	require.NoError(t, err)
	w.site, err = ceremony.New(ceremony.Config{
		RPID: "acme.test", RPName: "Acme", Origin: origin, Clock: w.clock.Now, Random: seed.Stream(1, "site"), Metadata: known,
	})
	require.NoError(t, err)
	return w
}

// browser is a client with one device of a model, whose enterprise attestation the
// given relying parties may have.
func (w *world) browser(model authenticator.Model, employers ...string) *client.Client {
	w.t.Helper()
	store := authenticator.NewMemoryStore()
	if model.Enterprise.Key != nil {
		require.NoError(w.t, store.Commit(w.t.Context(), authenticator.Change{Settings: &authenticator.Settings{Enterprise: true}}))
	}
	device, err := authenticator.New(model, authenticator.Env{
		Store: store, User: new(authenticator.ScriptedUser), Clock: w.clock, Random: seed.Stream(1, "device"),
	})
	require.NoError(w.t, err)
	info, err := ctap.Call(w.t.Context(), device, new(ctap.GetInfoRequest))
	require.NoError(w.t, err)
	c, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Name: "device", Transport: device, Info: info}), Enterprise: func(rpID string) client.Enterprise {
		if slices.Contains(employers, rpID) {
			return client.PlatformManaged
		}
		return client.NoEnterprise
	}})
	require.NoError(w.t, err)
	return c
}

var account = ceremony.Account{Handle: []byte("alice"), Name: "alice", DisplayName: "Alice"}

// signUp registers a passkey. edit changes the options that the page gets.
func (w *world) signUp(on *client.Client, rules *ceremony.ModelRules, edit ...func(map[string]any)) (ceremony.Credential, error) {
	w.t.Helper()
	return w.signUpAs(on, ceremony.AttestationDirect, rules, edit...)
}

func (w *world) signUpAs(on *client.Client, attestation ceremony.Attestation, rules *ceremony.ModelRules, edit ...func(map[string]any)) (ceremony.Credential, error) {
	w.t.Helper()
	raw, begun, err := w.site.BeginRegistration(account, nil, ceremony.RegistrationRules{
		UserVerification: ceremony.VerificationRequired, Attestation: attestation, Models: rules, Lifetime: time.Minute,
	})
	require.NoError(w.t, err)
	var options struct {
		PublicKey map[string]any `json:"publicKey"`
	}
	require.NoError(w.t, json.Unmarshal(raw, &options))
	for _, f := range edit {
		f(options.PublicKey)
	}
	inner, err := json.Marshal(options.PublicKey)
	require.NoError(w.t, err)
	answer, err := on.CreateJSON(w.t.Context(), client.Caller{Origin: origin}, inner)
	require.NoError(w.t, err)
	response, err := ceremony.ParseRegistration(answer)
	require.NoError(w.t, err)
	made, err := w.site.FinishRegistration(begun, response)
	if err == nil {
		w.known[string(made.ID)] = made
	}
	return made, err
}

// logIn uses the passkey that was registered last: the device keeps one for each
// account.
func (w *world) logIn(on *client.Client, rules *ceremony.ModelRules) error {
	w.t.Helper()
	raw, begun, err := w.site.BeginLogin(ceremony.LoginRules{
		UserVerification: ceremony.VerificationRequired, Models: rules, Lifetime: time.Minute,
	})
	require.NoError(w.t, err)
	var options struct {
		PublicKey json.RawMessage `json:"publicKey"`
	}
	require.NoError(w.t, json.Unmarshal(raw, &options))
	answer, err := on.GetJSON(w.t.Context(), client.Caller{Origin: origin}, options.PublicKey)
	require.NoError(w.t, err)
	response, err := ceremony.ParseLogin(answer)
	require.NoError(w.t, err)
	_, err = w.site.FinishLogin(begun, response, ceremony.CounterRefuse, func(id []byte) (ceremony.Owner, error) {
		known, is := w.known[string(id)]
		if !is {
			return ceremony.Owner{}, errors.New("the passkey was never registered")
		}
		return ceremony.Owner{Handle: account.Handle, Credential: known}, nil
	})
	return err
}
