package attestation_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	interop "github.com/passkeylab/passkeylab/interop/attestation"
)

func TestDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/attestation.md")
	require.NoError(t, err)
	again, err := interop.Render(document)
	require.NoError(t, err)
	assert.True(t, string(document) == string(again), `docs/attestation.md is out of date: run "make docs"`)
	assert.Greater(t, strings.Count(string(document), "\n| `"), 200)
}

func TestDocumentNeedsAPlace(t *testing.T) {
	t.Parallel()
	_, err := interop.Render([]byte("# Attestation\n"))
	assert.Error(t, err)
}
