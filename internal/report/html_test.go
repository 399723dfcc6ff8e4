package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/report"
)

// keep is for looking at the page: go test -run TestSamplePage -keep DIR.
var keep = flag.String("keep", "", "also write the sample report to this folder")

func TestSamplePage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if *keep != "" {
		dir = *keep
	}
	require.NoError(t, report.WriteDir(dir, sample()))
	_, err := os.Stat(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
}
