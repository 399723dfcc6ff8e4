package labcert_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/labcert"
)

func TestCertificateServesItsHostsOnly(t *testing.T) {
	t.Parallel()
	cert, err := labcert.New(time.Now(), "auth.acme.test", "login-acme.test")
	require.NoError(t, err)
	assert.Len(t, cert.SPKI, 44)

	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert.TLS}}
	server.StartTLS()
	defer server.Close()

	for host, trusted := range map[string]bool{"auth.acme.test": true, "login-acme.test": true, "other.test": false} {
		conn, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{RootCAs: cert.Pool, ServerName: host})
		if trusted {
			require.NoError(t, err, host)
			require.NoError(t, conn.Close())
		} else {
			require.Error(t, err, host)
		}
	}
}
