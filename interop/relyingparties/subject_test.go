//go:build interop

package relyingparties_test

import (
	"bufio"
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/known"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
)

// subject is a relying party that is judged.
type subject struct {
	// command serves it; its last argument is a folder with the judge's roots.
	command  func(t *testing.T, roots string) *exec.Cmd
	switches relyingparties.Choices // that fit what its documentation says
	known    known.Failures
	passes   int // at least, of the cases that bind
}

// judge has a relying party judged by what binds: it fails what is known of it, and
// nothing else.
func (s subject) judge(t *testing.T) {
	t.Helper()
	target := relyingparties.Target{At: relyingparties.Site{
		URL: serve(t, s.command(t, roots(t))), Origin: "https://rp.example", Switches: s.switches,
	}}
	cases, err := conformance.Select(relyingparties.Cases(), conformance.Selection{Level: conformance.Must})
	require.NoError(t, err)
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 1})
	for _, difference := range s.known.Differences(out) {
		t.Error(difference)
	}
	assert.Greater(t, out.Count(conformance.Pass), s.passes)
}

// serve starts a server, which prints its address, and ends it with the test.
func serve(t *testing.T, command *exec.Cmd) (address string) {
	t.Helper()
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended by itself, of which the judge has told
		_ = command.Wait()
		if t.Failed() && complaints.Len() > 0 {
			t.Logf("the server said: %s", complaints.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "it did not begin to serve")
	return strings.TrimSpace(line)
}

// roots writes the certificates of the judge's makers of authenticators: FORMAT.pem.
func roots(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	byFormat, err := relyingparties.Roots()
	require.NoError(t, err)
	for format, certificates := range byFormat {
		var text []byte
		for _, certificate := range certificates {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})...)
		}
		require.NoError(t, os.WriteFile(filepath.Join(folder, format+".pem"), text, 0o600))
	}
	return folder
}
