package passkeylab_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
)

// A test of anybody's has a report in a folder, whether it passes or fails.
func TestWithReport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, verdict, reason string
		run                   func(*passkeylab.Page)
	}{
		{"passes", "pass", "", func(page *passkeylab.Page) { page.SignUp(alice) }},
		{"finds", "fail", "by itself", func(page *passkeylab.Page) {
			page.SignUp(alice)
			panic("for the test")
		}},
		{"fails", "fail", "press #nothing", func(page *passkeylab.Page) { page.Press("nothing") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "report", "of it")
			err := passkeylab.Rehearse(t.Context(), "TestShop/"+c.name, func(lab *passkeylab.Lab) {
				c.run(lab.Site.OpenOn(lab.Phone("the phone")))
			}, passkeylab.WithReport(dir))
			assert.Equal(t, c.verdict == "fail", err != nil, "%v", err)
			for _, name := range []string{"index.html", "junit.xml"} {
				text, err := os.ReadFile(filepath.Join(dir, name))
				require.NoError(t, err)
				assert.Contains(t, string(text), "TestShop/"+c.name, name)
			}
			text, err := os.ReadFile(filepath.Join(dir, "report.json"))
			require.NoError(t, err)
			var told struct {
				Entries []struct {
					ID, Variant, Verdict, Reason, Repeat string
					Steps                                []any
				}
			}
			require.NoError(t, json.Unmarshal(text, &told))
			require.Len(t, told.Entries, 1)
			e := told.Entries[0]
			assert.Equal(t, "wire "+c.verdict, e.Variant+" "+e.Verdict)
			assert.Contains(t, e.Reason, c.reason)
			assert.Equal(t, "go test -run '^TestShop$/^"+c.name+"$'", e.Repeat)
			assert.NotEmpty(t, e.Steps)
		})
	}
}

// A report that cannot be written fails the test.
func TestWithReportInAPlaceThatIsTaken(t *testing.T) {
	t.Parallel()
	taken := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(taken, nil, 0o600))
	err := passkeylab.Rehearse(t.Context(), "taken", func(*passkeylab.Lab) {}, passkeylab.WithReport(taken))
	require.ErrorContains(t, err, "WithReport: report: cannot make the folder, choose another one")
}
