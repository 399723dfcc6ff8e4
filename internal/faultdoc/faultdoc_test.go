package faultdoc

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/fault"
	clientfault "github.com/passkeylab/passkeylab/client/fault"
)

func TestDocumentsAreUpToDate(t *testing.T) {
	t.Parallel()
	for name, render := range map[string]func() []byte{"faults.md": Render, "rp-faults.md": RenderRelyingParties, "client-faults.md": RenderClients} {
		written, err := os.ReadFile("../../docs/" + name)
		require.NoError(t, err)
		require.Equal(t, string(render()), string(written), `run "make docs"`)
	}
}

// Every group has a topic, and every topic has faults.
func TestEveryGroupHasATopic(t *testing.T) {
	t.Parallel()
	groups, ofClients := map[string]bool{}, map[string]bool{}
	for _, f := range fault.All() {
		groups[f.Group()] = true
	}
	for _, f := range clientfault.All() {
		ofClients[f.Group()] = true
	}
	for _, c := range []struct {
		groups map[string]bool
		topics []topic
	}{{groups, topics}, {ofClients, topicsOfClients}} {
		topic := map[string]bool{}
		for _, one := range c.topics {
			assert.False(t, topic[one.group], "%s: twice", one.group)
			topic[one.group] = true
		}
		assert.Equal(t, c.groups, topic)
	}
}
