package blob_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/internal/blob"
	"github.com/passkeylab/passkeylab/webauthn"
)

const address = "http://mds.passkeylab.test"

var (
	now   = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	model = uuid.UUID{0: 0x0e, 6: 0x40, 8: 0x80, 15: 1}
	keyID = strings.Repeat("0f", 20)
)

func newService(t testing.TB, algorithm webauthn.Algorithm) *mds.Service {
	t.Helper()
	s, err := mds.New(mds.Config{Secret: []byte("read me"), Clock: func() time.Time { return now }, URL: address, Algorithm: algorithm})
	require.NoError(t, err)
	s.Publish(
		mds.EntryOf(mds.Key(webauthn.AAGUID(model), "key"), mds.StatusReport{Status: mds.FIDOCertified}),
		mds.Entry{AttestationCertificateKeyIdentifiers: []string{keyID}},
		mds.Entry{AAID: "1234#5678"},
	)
	return s
}

// trustIn believes a service, and asks it for its revocation lists.
func trustIn(t testing.TB, s *mds.Service) blob.Trust {
	t.Helper()
	root, err := x509.ParseCertificate(s.Root())
	require.NoError(t, err)
	return blob.Trust{Root: root, Host: s.Host(), Now: now, List: func(url string) ([]byte, error) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, strings.TrimPrefix(url, address), nil))
		if w.Code != http.StatusOK {
			return nil, fmt.Errorf("status %d", w.Code)
		}
		return w.Body.Bytes(), nil
	}}
}

func blobOf(t testing.TB, s *mds.Service) []byte {
	t.Helper()
	data, err := s.BLOB()
	require.NoError(t, err)
	return data
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []webauthn.Algorithm{webauthn.ES256, webauthn.RS256} {
		s := newService(t, algorithm)
		b, err := blob.Read(append(blobOf(t, s), "\r\n"...), trustIn(t, s))
		require.NoError(t, err, algorithm)
		assert.EqualValues(t, 1, b.Number)
		assert.Equal(t, now.AddDate(0, 0, 30), b.NextUpdate)
		assert.Equal(t, 2, b.Len(), "UAF has names of its own")
		require.Empty(t, b.Broken)
		assert.Equal(t, "key", b.ByAAGUID(model).Entry.MetadataStatement.Description)
		assert.NotNil(t, b.ByKeyIdentifier(strings.ToUpper(keyID)))
		assert.Nil(t, b.ByAAGUID(uuid.UUID{1}))
		assert.Nil(t, b.ByKeyIdentifier("00"))
	}
}

func TestWhoIsBelieved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault string
		edit  func(*blob.Trust)
		want  error
	}{
		"another host":         {"", func(t *blob.Trust) { t.Host = "mds.fidoalliance.org" }, blob.ErrChain},
		"any host":             {"chain/other-host", func(t *blob.Trust) { t.Host = "" }, nil},
		"in fifty years":       {"", func(t *blob.Trust) { t.Now = now.AddDate(51, 0, 0) }, blob.ErrChain},
		"lists out of date":    {"", func(t *blob.Trust) { t.Now = now.AddDate(0, 0, 8) }, blob.ErrRevocationUnknown},
		"lists just made":      {"", func(t *blob.Trust) { t.Now = now.Add(-time.Hour - 5*time.Minute) }, nil},
		"lists of later":       {"", func(t *blob.Trust) { t.Now = now.Add(-time.Hour - 6*time.Minute) }, blob.ErrRevocationUnknown},
		"no lists":             {"", func(t *blob.Trust) { t.List = nil }, blob.ErrRevocationUnknown},
		"lists fail":           {"", func(t *blob.Trust) { t.List = func(string) ([]byte, error) { return nil, errors.New("down") } }, blob.ErrRevocationUnknown},
		"lists are none":       {"", func(t *blob.Trust) { t.List = func(string) ([]byte, error) { return []byte("none"), nil } }, blob.ErrRevocationUnknown},
		"read before":          {"", func(t *blob.Trust) { t.List, t.Again = nil, true }, nil},
		"revoked":              {"chain/leaf-revoked", func(*blob.Trust) {}, blob.ErrRevoked},
		"issuer revoked":       {"chain/intermediate-revoked", func(*blob.Trust) {}, blob.ErrRevoked},
		"signature":            {"signature/bit-flip", func(*blob.Trust) {}, blob.ErrSignature},
		"algorithm":            {"alg/none", func(*blob.Trust) {}, blob.ErrAlgorithm},
		"no token":             {"token/page", func(*blob.Trust) {}, blob.ErrMalformed},
		"payload":              {"payload/not-json", func(*blob.Trust) {}, blob.ErrPayload},
		"signed by the root":   {"chain/x5c-missing", func(*blob.Trust) {}, blob.ErrSignature},
		"nothing wrong at all": {"", func(*blob.Trust) {}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, webauthn.ES256)
			if c.fault != "" {
				f, err := mds.FaultByID(c.fault)
				require.NoError(t, err)
				s.Break(f)
			}
			trust := trustIn(t, s)
			c.edit(&trust)
			_, err := blob.Read(blobOf(t, s), trust)
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.want)
		})
	}
}

// The kind of key decides how a BLOB is signed, whatever its header says.
func TestAlgorithmIsThatOfTheKey(t *testing.T) {
	t.Parallel()
	other, err := mds.FaultByID("alg/other")
	require.NoError(t, err)
	for _, algorithm := range []webauthn.Algorithm{webauthn.ES256, webauthn.RS256} {
		s := newService(t, algorithm)
		s.Break(other)
		_, err := blob.Read(blobOf(t, s), trustIn(t, s))
		assert.ErrorIs(t, err, blob.ErrAlgorithm, algorithm)
	}
}

// Lists are asked for only when certificates lead to the root and the signature is
// right: nobody can make the site load what he likes.
func TestNothingIsLoadedForStrangers(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"chain/other-root", "chain/self-signed", "signature/bit-flip", "alg/none"} {
		s := newService(t, webauthn.ES256)
		f, err := mds.FaultByID(id)
		require.NoError(t, err)
		s.Break(f)
		trust := trustIn(t, s)
		trust.List = func(url string) ([]byte, error) {
			t.Errorf("%s: %s is loaded", id, url)
			return nil, errors.New("refused")
		}
		_, err = blob.Read(blobOf(t, s), trust)
		assert.Error(t, err, id)
	}
}

func TestSizeIsBounded(t *testing.T) {
	t.Parallel()
	s := newService(t, webauthn.ES256)
	padded := append(blobOf(t, s), bytes.Repeat([]byte{' '}, blob.MaxSize)...)
	_, err := blob.Read(padded, trustIn(t, s))
	assert.ErrorIs(t, err, blob.ErrTooLarge)
}

func TestPartsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	s := newService(t, webauthn.ES256)
	good := string(blobOf(t, s))
	last := strings.LastIndexByte(good, '.')
	for name, bad := range map[string]string{
		"line break": good[:last-4] + "\n" + good[last-4:],
		"padding":    good + "==",
		"spare bits": good[:len(good)-1] + string(good[len(good)-1]+1),
		"dots":       good + ".",
	} {
		_, err := blob.Read([]byte(bad), trustIn(t, s))
		assert.ErrorIs(t, err, blob.ErrMalformed, name)
	}
}

func TestEntries(t *testing.T) {
	t.Parallel()
	const good = `"timeOfLastStatusChange":"2030-01-01"`
	id := `"aaguid":"` + model.String() + `"`
	for name, c := range map[string]struct {
		entries string
		len     int
		broken  int
		unread  bool // the model's entry cannot be read
		reports int
	}{
		"none":                    {``, 0, 0, false, 0},
		"one":                     {`{` + id + `,` + good + `,"statusReports":[{"status":"REVOKED"}]}`, 1, 0, false, 1},
		"two of one model":        {`{` + id + `,` + good + `,"statusReports":[{"status":"REVOKED"}]},{` + id + `,` + good + `,"statusReports":[{"status":"RETIRED"}]}`, 1, 0, false, 2},
		"one unread, then one":    {`{` + id + `},{` + id + `,` + good + `}`, 1, 1, true, 0},
		"one, then one unread":    {`{` + id + `,` + good + `},{` + id + `}`, 1, 1, true, 0},
		"no object":               {`7`, 0, 1, false, 0},
		"no name":                 {`{` + good + `}`, 0, 1, false, 0},
		"AAGUID of zeros":         {`{"aaguid":"00000000-0000-0000-0000-000000000000",` + good + `}`, 0, 1, false, 0},
		"UAF":                     {`{"aaid":"1234#5678",` + good + `}`, 0, 0, false, 0},
		"unread UAF":              {`{"aaid":"1234#5678"}`, 0, 1, false, 0},
		"keys":                    {`{"attestationCertificateKeyIdentifiers":["AA","bb"],` + good + `}`, 1, 0, false, 0},
		"keys of the wrong types": {`{"attestationCertificateKeyIdentifiers":[1],` + good + `}`, 0, 1, false, 0},
	} {
		b, err := blob.Parse([]byte(`{"no":1,"nextUpdate":"2030-01-01","entries":[` + c.entries + `]}`))
		require.NoError(t, err, name)
		assert.Equal(t, c.len, b.Len(), name)
		assert.Len(t, b.Broken, c.broken, name)
		m := b.ByAAGUID(model)
		if c.unread {
			require.NotNil(t, m, name)
			assert.Error(t, m.Err, name)
			continue
		}
		if m != nil {
			assert.Len(t, m.Entry.StatusReports, c.reports, name)
		}
	}
}
