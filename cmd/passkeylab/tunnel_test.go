package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// runTunnel runs the verb until the test ends and returns what it says.
func runTunnel(t *testing.T, lines int, args ...string) (said string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(lineWriter, lines), make(chan int, 1)
	c := &console{Context: ctx, out: told, err: io.Discard, env: func(string) string { return "" }, columns: func(io.Writer) int { return 0 }}
	go func() { ended <- c.main(append([]string{"tunnel"}, args...)) }()
	t.Cleanup(func() {
		cancel()
		assert.Equal(t, exitOK, <-ended)
	})
	for range lines {
		said += <-told
	}
	return said
}

func addressIn(t *testing.T, said string) string {
	t.Helper()
	match := regexp.MustCompile(`wss://(\S+)`).FindStringSubmatch(said)
	require.NotEmpty(t, match, said)
	return match[1]
}

func TestTunnelServesUnderARootInAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "root.pem")
	for range 2 { // the second time it is the same root
		said := runTunnel(t, 4, "--ca", file)
		address := addressIn(t, said)
		assert.Contains(t, said, `--host-resolver-rules="MAP cable.ua5v.com `+address+`,MAP cable.auth.com `+address+`"`)
		assert.Contains(t, said, "-i "+file)
		root, err := os.ReadFile(file)
		require.NoError(t, err)
		pool := x509.NewCertPool()
		require.True(t, pool.AppendCertsFromPEM(root))
		for _, host := range []string{"cable.ua5v.com", "cable.auth.com", "127.0.0.1"} {
			conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: pool, ServerName: host})
			require.NoError(t, err, host)
			require.NoError(t, conn.Close())
		}
	}
}

func TestTunnelWithoutAFile(t *testing.T) {
	t.Parallel()
	said := runTunnel(t, 3)
	assert.NotEmpty(t, addressIn(t, said))
	assert.Regexp(t, `--ignore-certificate-errors-spki-list=\S{44}\n`, said)
}

func TestTunnelRefusals(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "root.pem")
	require.NoError(t, os.WriteFile(file, []byte("no root"), 0o600))
	for says, args := range map[string][]string{
		"use 127.0.0.1, or say --anywhere": {"--listen", "0.0.0.0:0"},
		"give it as HOST:PORT":             {"--listen", "127.0.0.1"},
		"choose another file":              {"--ca", file},
	} {
		got := command(t, append([]string{"tunnel"}, args...)...)
		assert.Equal(t, exitBroken, got.status)
		assert.Contains(t, got.err, says)
	}
}
