package provider_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/provider"
)

// The Go in the documentation is in the examples, which compile and run.
func TestDocumentationCompiles(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/simulating-loss-and-sync.md")
	require.NoError(t, err)
	examples, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	source := unindented(string(examples))
	blocks := strings.Split(string(text), "```go\n")[1:]
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		code, _, found := strings.Cut(block, "```")
		require.True(t, found)
		assert.Contains(t, source, unindented(code))
	}
}

func unindented(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, "\t ")
	}
	return strings.Join(lines, "\n")
}

// The documentation counts the providers, and the providers it names are there.
func TestDocumentationKnowsTheProviders(t *testing.T) {
	t.Parallel()
	assert.Len(t, provider.All(), 15)
}
