package attestation_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
)

var update = flag.Bool("update", false, "write anew why go-webauthn refuses each defect")

// refusalsFile has a line for each defect that go-webauthn refuses: its ID, a tab, and
// the reason. Whoever changes a defect, or takes another go-webauthn, reads in it whether
// the reason is still that of the defect.
var refusalsFile = filepath.Join("testdata", "refusals.txt")

// What go-webauthn lets pass is explained, and it refuses everything else for a reason
// that the defect has.
func TestGoWebauthnRefuses(t *testing.T) {
	t.Parallel()
	want := readRefusals(t)
	var mu sync.Mutex
	var got strings.Builder
	t.Cleanup(func() {
		if *update {
			assert.NoError(t, os.WriteFile(refusalsFile, []byte(strings.Join(slices.Sorted(strings.Lines(got.String())), "")), 0o600))
		}
	})
	known := map[string]bool{}
	for _, d := range attestation.Defects() {
		known[d.ID] = true
		reason, accepted := attestationtest.GoWebauthn.Accepts(d.ID)
		t.Run(d.ID, func(t *testing.T) {
			t.Parallel()
			err := verify(t, broken(t, d), subject(t))
			if accepted {
				assert.NoError(t, err, "refused, so that this is wrong: %s", reason)
				assert.NotContains(t, want, d.ID, "accepted; -update forgets the reason")
				return
			}
			require.Error(t, err)
			if *update {
				mu.Lock()
				defer mu.Unlock()
				fmt.Fprintf(&got, "%s\t%s\n", d.ID, reasonOf(err))
				return
			}
			assert.Equal(t, want[d.ID], reasonOf(err), "another reason; if it is that of the defect, -update writes it")
		})
	}
	for id := range want {
		assert.True(t, known[id], "%s: there is no such defect any more; -update forgets it", id)
	}
}

// passing is what is another in the same reason on another day: times, names and serial
// numbers of certificates, and where in one something stands.
var passing = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:]+Z|[0-9a-f]{32}|serial:\d+|input byte \d+`)

// reasonOf is all that go-webauthn says of a refusal, in one line that is the same
// every day.
func reasonOf(err error) string {
	var said []string
	for ; err != nil; err = errors.Unwrap(err) {
		parts := []string{err.Error()}
		if e, is := errors.AsType[*protocol.Error](err); is && e == err {
			parts = append(parts, e.DevInfo)
		}
		for _, part := range parts {
			part = passing.ReplaceAllString(strings.Join(strings.Fields(part), " "), "…")
			if part != "" && !strings.Contains(strings.Join(said, "; "), part) {
				said = append(said, part)
			}
		}
	}
	return strings.Join(said, "; ")
}

func readRefusals(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(refusalsFile)
	if *update && errors.Is(err, os.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	reasons := map[string]string{}
	for line := range strings.Lines(string(text)) {
		id, reason, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		require.True(t, ok, "%s: %q has no tab", refusalsFile, line)
		reasons[id] = reason
	}
	return reasons
}
