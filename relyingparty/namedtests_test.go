package relyingparty

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testNames are the tests of this module, "package.TestName", and its journeys,
// "suite/name", as documents name them.
var testNames = sync.OnceValues(func() (map[string]bool, error) {
	names := map[string]bool{}
	function, journey := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`), regexp.MustCompile(`\bID: +"([a-z-]+/[a-z0-9-]+)"`)
	for _, pattern := range []string{"*_test.go", "ceremony/*_test.go", "internal/*/*_test.go", "conformanceapi/*_test.go", "../cmd/passkeylab/*_test.go", "../*_test.go", "../scenarios/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			for _, found := range function.FindAllStringSubmatch(string(source), -1) {
				names[packageOf(file)+"."+found[1]] = true
			}
			for _, found := range journey.FindAllStringSubmatch(string(source), -1) {
				names[found[1]] = true
			}
		}
	}
	return names, nil
})

// packageOf is the last element of a file's folder.
func packageOf(file string) string {
	switch dir := filepath.ToSlash(filepath.Dir(file)); dir {
	case ".":
		return "relyingparty"
	case "..":
		return "passkeylab"
	default:
		return dir[strings.LastIndexByte(dir, '/')+1:]
	}
}

// namedTest is how documents name tests.
var namedTest = regexp.MustCompile("`([a-z]+\\.(?:Test|Fuzz)\\w+|(?:" + strings.Join([]string{
	"sign-up", "autofill", "button", "policy", "key", "hybrid", "password", "enrolment", "domains", "loss", "sync", "phishing", "faulty", "pin", "models", "signals",
}, "|") + ")/[a-z0-9-]+)`")

// namesTests wants every test and every journey that a text names to be there.
func namesTests(t *testing.T, text string) {
	t.Helper()
	names, err := testNames()
	require.NoError(t, err)
	named := namedTest.FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, named)
	for _, found := range named {
		assert.True(t, names[found[1]], "there is no %s", found[1])
	}
}
