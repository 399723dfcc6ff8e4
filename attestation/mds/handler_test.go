package mds_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/internal/labcert"
)

func get(t testing.TB, h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestBLOBIsLoadedOnce(t *testing.T) {
	t.Parallel()
	s, at := newService(t)
	s.Publish(key(1))
	first := get(t, s, "/")
	require.Equal(t, http.StatusOK, first.Code)
	assert.Equal(t, "application/jwt", first.Header().Get("Content-Type"))
	assert.Equal(t, "nosniff", first.Header().Get("X-Content-Type-Options"))
	assert.Equal(t, start.Format(http.TimeFormat), first.Header().Get("Last-Modified"))
	assert.Equal(t, string(blobOf(t, s)), first.Body.String())
	tag := first.Header().Get("ETag")
	require.NotEmpty(t, tag)

	at.days(1)
	for _, header := range [][]string{{"If-None-Match", tag}, {"If-Modified-Since", first.Header().Get("Last-Modified")}} {
		again := get(t, s, "/", header...)
		assert.Equal(t, http.StatusNotModified, again.Code, header)
		assert.Empty(t, again.Body.Bytes())
	}
	s.Publish(key(2))
	for _, header := range [][]string{{"If-None-Match", tag}, {"If-Modified-Since", first.Header().Get("Last-Modified")}} {
		assert.Equal(t, http.StatusOK, get(t, s, "/", header...).Code, header)
	}
}

func TestWhatIsBesideTheBLOB(t *testing.T) {
	t.Parallel()
	s, at := newService(t)
	s.Publish(key(1))
	_, err := s.Rogues(model(1), nil)
	require.NoError(t, err)
	root := certificate(t, get(t, s, "/certificates/root.cer").Body.Bytes())
	assert.Equal(t, s.Root(), root.Raw)
	intermediate := certificate(t, get(t, s, "/certificates/intermediate.cer").Body.Bytes())
	require.NoError(t, intermediate.CheckSignatureFrom(root))
	for path, issuer := range map[string]*x509.Certificate{"/lists/root.crl": root, "/lists/intermediate.crl": intermediate} {
		answer := get(t, s, path)
		assert.Equal(t, "application/pkix-crl", answer.Header().Get("Content-Type"))
		list, err := x509.ParseRevocationList(answer.Body.Bytes())
		require.NoError(t, err)
		assert.NoError(t, list.CheckSignatureFrom(issuer))
		assert.Empty(t, list.RevokedCertificateEntries)
		assert.Equal(t, at.Now().Add(-time.Hour), list.ThisUpdate)
		assert.Equal(t, at.Now().AddDate(0, 0, 7), list.NextUpdate)
	}
	block, rest := pem.Decode(get(t, s, "/certificates/chain.pem").Body.Bytes())
	require.NotNil(t, block)
	assert.NoError(t, certificate(t, block.Bytes).CheckSignatureFrom(intermediate))
	assert.NotEmpty(t, rest)
	assert.JSONEq(t, "[]", get(t, s, "/rogues/"+model(1).String()).Body.String())
	assert.Equal(t, http.StatusNotFound, get(t, s, "/rogues/"+model(2).String()).Code)
	assert.Equal(t, http.StatusNotFound, get(t, s, "/lists/leaf.crl").Code)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
}

func TestLocal(t *testing.T) {
	t.Parallel()
	_, err := mds.StartLocal("0.0.0.0:0", config(newClock()), nil)
	assert.ErrorIs(t, err, mds.ErrNotLocal)
	_, err = mds.StartLocal("127.0.0.1", config(newClock()), nil)
	assert.ErrorContains(t, err, "HOST:PORT")
	_, err = mds.StartLocal("127.0.0.1:0", mds.Config{}, nil)
	assert.ErrorContains(t, err, "Secret")

	secret, err := labcert.New(time.Now(), "localhost")
	require.NoError(t, err)
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: secret.Pool, ServerName: "localhost"}}}
	for scheme, secure := range map[string]*tls.Config{"http": nil, "https": {Certificates: []tls.Certificate{secret.TLS}}} {
		local, err := mds.StartLocal("127.0.0.1:0", config(newClock()), secure)
		require.NoError(t, err)
		local.Publish(key(1))
		assert.Equal(t, scheme, local.URL[:len(scheme)])
		client := http.DefaultClient
		if secure != nil {
			client = trusting
		}
		answer, err := client.Get(local.URL)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, errors.Join(err, answer.Body.Close()))
		assert.Equal(t, string(blobOf(t, local.Service)), string(body))
		require.NoError(t, local.Close())
	}
}
