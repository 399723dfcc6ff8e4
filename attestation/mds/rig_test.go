package mds_test

import (
	"crypto/x509"
	"encoding/base64"
	"sync"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/metadata"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/webauthn"
)

// start is when services begin. go-webauthn looks at the real time, for which their
// certificates are good, too.
var start = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: start} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) days(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.AddDate(0, 0, n)
}

func config(c *clock) mds.Config {
	return mds.Config{Secret: []byte("a secret for tests"), Clock: c.Now}
}

func newService(t testing.TB, edit ...func(*mds.Config)) (*mds.Service, *clock) {
	t.Helper()
	at := newClock()
	c := config(at)
	for _, f := range edit {
		f(&c)
	}
	s, err := mds.New(c)
	require.NoError(t, err)
	return s, at
}

// model is an AAGUID that ends in n.
func model(n byte) webauthn.AAGUID { return webauthn.AAGUID{0: 0x0e, 6: 0x40, 8: 0x80, 15: n} }

// key is the entry of a security key without attestation certificates.
func key(n byte, reports ...mds.StatusReport) mds.Entry {
	return mds.EntryOf(mds.Key(model(n), "test key"), reports...)
}

func blobOf(t testing.TB, s *mds.Service) []byte {
	t.Helper()
	blob, err := s.BLOB()
	require.NoError(t, err)
	return blob
}

// decode is what go-webauthn makes of a BLOB.
func decode(root, blob []byte) (*metadata.Metadata, error) {
	d, err := metadata.NewDecoder(metadata.WithRootCertificate(base64.StdEncoding.EncodeToString(root)), metadata.WithIgnoreEntryParsingErrors())
	if err != nil {
		return nil, err
	}
	payload, err := d.DecodeBytes(blob)
	if err != nil {
		return nil, err
	}
	return d.Parse(payload)
}

func certificate(t testing.TB, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return c
}
