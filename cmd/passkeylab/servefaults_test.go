package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fetched is the text of a page.
func fetched(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}

func TestServeSaysThatItIsFaulty(t *testing.T) {
	t.Parallel()
	sound := fetched(t, urlIn(t, keepRunning(t, "serve", "--listen", "127.0.0.1:0"))+"/u/login")
	assert.NotContains(t, sound, "faulty")

	args := []string{"serve", "--listen", "127.0.0.1:0", "--conformance", "--fault", "rp/origin/any", "--fault", "rp/options/timeout-missing"}
	var warnings bytes.Buffer // all written before anything else is
	said := keepRunningWith(t, &warnings, args...)
	warned := warnings.String()
	assert.Contains(t, warned, "THIS SITE IS FAULTY ON PURPOSE")
	assert.Contains(t, warned, "rp/origin/any: The origin in client data is not looked at.")
	url := urlIn(t, said)
	for _, page := range []string{"/u/login", "/log", "/outbox", "/u/signup", "/nowhere"} {
		assert.Contains(t, fetched(t, url+page), "<code>rp/origin/any</code>", page)
	}
	status, options := posted(t, url+"/attestation/options", `{"username":"alice","displayName":"Alice"}`)
	require.Equal(t, 200, status, options)
	assert.NotContains(t, options, "timeout")
	_, native := posted(t, url+"/passkey/register", `{"client_id":"sample","user_profile":{"email":"alice@example.com"}}`)
	assert.Contains(t, native, "challenge")
	assert.NotContains(t, native, "timeout")
}

func TestServeRefusesFaults(t *testing.T) {
	t.Parallel()
	for says, args := range map[string][]string{
		`--fault: no fault of a relying party is called "rp/orign/any": did you mean "rp/origin/any"?`: {"--fault", "rp/orign/any"},
		"without --conformance": {"--fault", "rp/options/allow-missing"},
		"without metadata":      {"--fault", "rp/metadata/ignored"},
	} {
		got := command(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
		assert.Equal(t, exitBroken, got.status)
		assert.Contains(t, got.err, says)
	}
}

// mayBeFaulty are the packages that know mistakes of relying parties: one command, what
// the judge is tried on, and the list in the documentation.
var mayBeFaulty = []string{"cmd/passkeylab", "relyingparty/fault", "relyingparty/subject", "relyingparty/subject/generate", "internal/faultdoc", "internal/proofdoc"}

// TestNothingElseMakesASiteFaulty: a site becomes faulty by --fault and by nothing else.
// No package on the way of a request knows a fault, so that no configuration and no
// request can name one, and no flag is read from the environment.
func TestNothingElseMakesASiteFaulty(t *testing.T) {
	t.Parallel()
	tree := os.DirFS("../..")
	require.NoError(t, fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			if i.Path.Value == `"github.com/passkeylab/passkeylab/relyingparty/fault"` {
				assert.Contains(t, mayBeFaulty, path.Dir(name))
			}
		}
		return nil
	}))
	parsed, err := kong.New(new(verbs))
	require.NoError(t, err)
	for _, verb := range parsed.Model.Children {
		for _, flag := range verb.Flags {
			assert.Empty(t, flag.Envs, "%s --%s", verb.Name, flag.Name)
		}
	}
}
