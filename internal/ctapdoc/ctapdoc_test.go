package ctapdoc

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile(filepath.Join(root, "docs/ctap.md"))
	require.NoError(t, err)
	require.Equal(t, string(Render()), string(written), `run "make docs"`)
}

// No row is empty without a reason, none is there twice, and every file exists.
func TestRowsAreWhole(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, table := range All() {
		for _, r := range table.Rows {
			what := table.Title + ": " + r.Feature
			assert.False(t, seen[r.Feature], "%s: twice", what)
			seen[r.Feature] = true
			assert.NotEmpty(t, r.Section, what)
			assert.True(t, len(r.Tests) > 0 || r.Why != "", "%s: neither test nor reason", what)
			assert.Equal(t, r.File == "", len(r.Tests) == 0, "%s: a file has tests, and tests have a file", what)
			if r.File != "" {
				info, err := os.Stat(filepath.Join(root, r.File))
				require.NoError(t, err, what)
				assert.False(t, info.IsDir(), what)
			}
			assert.NotContains(t, r.Feature+r.Section+r.Why, "|", what)
		}
	}
	features := make(map[string]bool)
	for _, c := range comparison {
		assert.False(t, features[c.Feature], "%s: twice", c.Feature)
		features[c.Feature] = true
		for _, feature := range c.See {
			assert.True(t, seen[feature], "%s: there is no row %q", c.Feature, feature)
		}
		assert.True(t, len(c.evidence()) > 0 || c.Why != "", "%s: neither test nor reason", c.Feature)
	}
}

func TestEveryTestExists(t *testing.T) {
	t.Parallel()
	found := make(map[string]map[string]bool)
	check := func(what string, tests []Test) {
		for _, test := range tests {
			if found[test.Package] == nil {
				found[test.Package] = testsIn(t, test.Package)
			}
			assert.True(t, found[test.Package][test.Function], "%s: package %s has no %s", what, test.Package, test.Function)
		}
	}
	for _, table := range All() {
		for _, r := range table.Rows {
			check(r.Feature, r.Tests)
		}
	}
	for _, c := range comparison {
		check(c.Feature, c.Tests)
	}
}

// What the sources declare has a row that says its value, and what rows name is
// declared.
func TestEveryDeclarationHasARow(t *testing.T) {
	t.Parallel()
	all := slices.Concat(
		constantsOf(t, "ctap", []string{"Command", "SubCommand", "Permissions"}, []string{"Option", "Extension", "Version"}),
		constantsOf(t, "ctap/u2f", []string{"Instruction"}, nil),
		constantsOf(t, "webauthn", []string{"Algorithm"}, []string{"Format"}),
		membersOf(t, "ctap", "GetInfoResponse"),
	)
	require.Greater(t, len(all), 120)
	features := make(map[string]string)
	for _, table := range All() {
		for _, r := range table.Rows {
			for _, name := range r.Names {
				features[name] = r.Feature
			}
		}
	}
	for _, d := range all {
		feature, has := features[d.name]
		assert.True(t, has, "%s has no row", d.name)
		assert.True(t, strings.Contains(feature, d.says), "%s is %q, its row says %q", d.name, d.says, feature)
		delete(features, d.name)
	}
	assert.Empty(t, features, "rows about what is not declared")
}

// A row with reasons, tests of two packages, and nothing.
func TestRender(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "`a`: TestA, TestC; `b`: TestB; but", held(tests("a: TestA", "b: TestB", "a: TestC"), "but"))
	assert.Equal(t, "why not", held(nil, "why not"))
	assert.Equal(t, "[ctap/call.go](../ctap/call.go)", where("ctap/call.go"))
	for want, c := range map[string]Comparison{
		"Y": {See: []string{"up"}}, "P": {Tests: tests("a: TestA"), Why: "half"}, "N": {Why: "none"},
	} {
		assert.Equal(t, want, c.verdict())
	}
	assert.Len(t, (&Comparison{See: []string{"rk", "rk"}, Tests: device("TestGetInfoClaims")}).evidence(), 2, "each once")
}
