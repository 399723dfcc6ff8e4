//go:build interop

package python_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
	"github.com/passkeylab/passkeylab/transport/socket"
	"github.com/passkeylab/passkeylab/webauthn"
)

// birthday is when the clocks of all devices begin.
var birthday = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// device is what a check is aimed at.
type device struct {
	user  *authenticator.ScriptedUser
	clock *authenticator.ManualClock
}

// serve serves a new device at a unix socket until the test ends.
func serve(t *testing.T, model authenticator.Model) (d *device, path string) {
	t.Helper()
	d = &device{new(authenticator.ScriptedUser), authenticator.NewManualClock(birthday)}
	a, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: transport.Attend(d.user), Clock: d.clock, Random: seed.Stream(1, t.Name()),
	})
	require.NoError(t, err)
	server, err := transport.NewHIDServer(a)
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "key")
	listener, err := socket.Listen("unix:" + path)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- listener.Serve(ctx, server) }()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-served)
		server.Close()
	})
	return d, path
}

func securityKey(*testing.T) authenticator.Model { return authenticator.SecurityKey() }
func bioKey(*testing.T) authenticator.Model      { return authenticator.BioKey() }

// pinKey is a security key that knows its owner by PIN alone.
func pinKey(*testing.T) authenticator.Model {
	m := authenticator.SecurityKey()
	m.Name = "PIN key"
	m.UV, m.UVModality, m.UVAttempts, m.UVRetries, m.Config.ByUV = authenticator.NoUV, 0, 0, 0, false
	return m
}

// enterpriseKey attests for one relying party which key it is.
func enterpriseKey(t *testing.T) authenticator.Model {
	m := authenticator.SecurityKey()
	m.Name = "enterprise key"
	m.Enterprise = authenticator.EnterpriseFeatures{RPIDs: []string{"example.com"}, Key: makersKey(t)}
	return m
}

// makersKey is an attestation key with a certificate as WebAuthn L3 §8.2.1 has it.
func makersKey(t *testing.T) *authenticator.AttestationKey {
	t.Helper()
	scalar := bytes.Repeat([]byte{7}, 32)
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	require.NoError(t, err)
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: birthday, NotAfter: birthday.AddDate(50, 0, 0), BasicConstraintsValid: true,
		Subject: pkix.Name{Country: []string{"AT"}, Organization: []string{"passkeylab"}, OrganizationalUnit: []string{"Authenticator Attestation"}, CommonName: "enterprise key"},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	require.NoError(t, err)
	return &authenticator.AttestationKey{Algorithm: webauthn.ES256, Private: scalar, Certificates: [][]byte{certificate}}
}
