package labcert_test

import (
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/labcert"
)

func verify(cert *labcert.Certificate, roots *x509.CertPool, host string) error {
	_, err := cert.TLS.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots})
	return err
}

func TestAuthorityIssuesForItsNamesOnly(t *testing.T) {
	t.Parallel()
	a, err := labcert.NewAuthority(time.Now(), "cable.acme.test", "acme.example")
	require.NoError(t, err)
	cert, err := a.Issue(time.Now(), "cable.acme.test", "login.acme.example")
	require.NoError(t, err)
	assert.Len(t, cert.SPKI, 44)
	for _, host := range []string{"cable.acme.test", "login.acme.example", "localhost", "127.0.0.1", "::1"} {
		require.NoError(t, verify(cert, cert.Pool, host), host)
	}
	require.Error(t, verify(cert, cert.Pool, "acme.example"), "it was not asked for")

	other, err := labcert.NewAuthority(time.Now(), "cable.acme.test")
	require.NoError(t, err)
	require.Error(t, verify(cert, other.Pool(), "cable.acme.test"))
	for _, host := range []string{"acme.test", "notacme.example", "bank.example", "example"} {
		_, err := a.Issue(time.Now(), host)
		require.ErrorContains(t, err, "not good for "+host)
	}
}

func TestAuthorityInAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lab.pem")
	now := time.Now()
	first, err := labcert.OpenAuthority(now, file, "acme.test")
	require.NoError(t, err)
	info, err := os.Stat(labcert.KeyFile(file))
	require.NoError(t, err)
	if os.PathSeparator == '/' {
		assert.Equal(t, os.FileMode(0o600), info.Mode())
	}
	root, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, first.Root(), root)

	again, err := labcert.OpenAuthority(now, file, "acme.test")
	require.NoError(t, err)
	cert, err := again.Issue(now, "acme.test")
	require.NoError(t, err)
	require.NoError(t, verify(cert, first.Pool(), "acme.test"), "who trusts it goes on trusting it")

	later, err := labcert.OpenAuthority(now.AddDate(2, 0, 0), file, "acme.test")
	require.NoError(t, err)
	assert.NotEqual(t, root, later.Root(), "a worn-out root is replaced")
}

func TestAuthorityRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	good := filepath.Join(folder, "good.pem")
	_, err := labcert.OpenAuthority(time.Now(), good)
	require.NoError(t, err)
	root, err := os.ReadFile(good)
	require.NoError(t, err)
	second := filepath.Join(folder, "second.pem")
	_, err = labcert.OpenAuthority(time.Now(), second)
	require.NoError(t, err)
	otherKey, err := os.ReadFile(labcert.KeyFile(second))
	require.NoError(t, err)

	for says, content := range map[string]struct{ root, key []byte }{
		"no PEM file":           {[]byte("dear diary"), nil},
		"its key is missing":    {root, nil},
		"PRIVATE KEY":           {root, root},
		"belong together":       {root, otherKey},
		"too many":              {make([]byte, 20000), nil},
		"malformed certificate": {[]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), nil},
	} {
		file := filepath.Join(folder, "bad.pem")
		require.NoError(t, os.WriteFile(file, content.root, 0o600))
		require.NoError(t, os.RemoveAll(labcert.KeyFile(file)))
		if content.key != nil {
			require.NoError(t, os.WriteFile(labcert.KeyFile(file), content.key, 0o600))
		}
		_, err := labcert.OpenAuthority(time.Now(), file)
		require.ErrorContains(t, err, says)
		kept, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, content.root, kept, "what is not ours is left alone")
	}
	_, err = labcert.OpenAuthority(time.Now(), filepath.Join(folder, "none", "lab.pem"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Chromium on Linux trusts what is in an NSS database.
func TestRootGoesIntoANSSDatabase(t *testing.T) {
	t.Parallel()
	certutil, err := exec.LookPath("certutil")
	require.NoError(t, err, "scripts/setup.sh installs libnss3-tools, which has it")
	folder := t.TempDir()
	file := filepath.Join(folder, "lab.pem")
	_, err = labcert.OpenAuthority(time.Now(), file, "acme.test")
	require.NoError(t, err)
	for _, args := range [][]string{
		{"-N", "--empty-password"}, {"-A", "-n", "lab", "-t", "C,,", "-i", file}, {"-V", "-n", "lab", "-u", "L"},
	} {
		out, err := exec.Command(certutil, append(args, "-d", "sql:"+folder)...).CombinedOutput()
		require.NoError(t, err, "certutil %s: %s", args, out)
	}
}
