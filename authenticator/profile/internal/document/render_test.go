package document

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/profile"
)

func TestDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../../../../docs/profiles.md")
	require.NoError(t, err)
	require.Equal(t, string(Render()), string(written), `run "make docs"`)
}

// Every product has its section, in which every fact stands with its source or
// among the unknown.
func TestEveryFactIsThere(t *testing.T) {
	t.Parallel()
	sections := strings.Split(string(Render()), "\n## ")
	for _, p := range profile.All() {
		i := 0
		for ; i < len(sections) && !strings.HasPrefix(sections[i], p.ID+"\n"); i++ {
		}
		if p.Own() {
			assert.Equal(t, len(sections), i, "%s is no product", p.ID)
			continue
		}
		require.Less(t, i, len(sections), p.ID)
		facts, unknown, _ := strings.Cut(sections[i], "\nUnknown: ")
		for _, f := range p.Facts() {
			if f.Source == "" {
				assert.Contains(t, unknown, f.Name, p.ID)
			} else {
				assert.Contains(t, facts, "\n| "+plain(f.Name)+" | "+plain(f.Value)+" | "+plain(string(f.Source))+" |\n", p.ID)
			}
		}
		assert.Equal(t, len(p.Quirks) > 0, strings.Contains(unknown, "\nQuirks:\n"), p.ID)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `a \| b &lt; c\_d\*`, plain("a | b < c_d*"))
}
