package faultdoc

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/fault"
)

func TestDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../../docs/faults.md")
	require.NoError(t, err)
	require.Equal(t, string(Render()), string(written), `run "make docs"`)

	written, err = os.ReadFile("../../docs/rp-faults.md")
	require.NoError(t, err)
	require.Equal(t, string(RenderRelyingParties()), string(written), `run "make docs"`)
}

// Every group has a topic, and every topic has faults.
func TestEveryGroupHasATopic(t *testing.T) {
	t.Parallel()
	topic := map[string]bool{}
	for _, c := range topics {
		assert.False(t, topic[c.group], "%s: twice", c.group)
		topic[c.group] = true
	}
	groups := map[string]bool{}
	for _, f := range fault.All() {
		groups[f.Group()] = true
	}
	assert.Equal(t, groups, topic)
}
