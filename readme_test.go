package passkeylab_test

import (
	"os"
	"strings"
	"testing"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLoseThePhoneKeepTheAccount(t *testing.T) {
	lab := passkeylab.New(t) // or passkeylab.New(t, passkeylab.WithLink(passkeylab.Proxy)) for real Chromium
	phone := lab.Phone("alice's phone")
	page := lab.Site.OpenOn(phone)
	page.SignUpWithPassword("alice@example.com", "Correct horse 1").AddPasskey().LogOut()
	page.LogInByAutofill("alice@example.com")
	phone.Lose()

	page = lab.Site.OpenOn(lab.Laptop("alice's laptop"))
	page.LogInFails("NotAllowedError") // no passkey here
	page.LogInWithPassword("alice@example.com", "Correct horse 1").AddPasskey()
	lab.Site.Log().Has(passkeylab.On(relyingparty.EventPasskeyEnrolled, "alice@example.com"))
}

// The example of the README is the test above, word for word.
func TestReadmeExampleIsATest(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)

	_, rest, found := strings.Cut(string(readme), "```go\n")
	require.True(t, found, "the README has a Go example")
	example, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	assert.Contains(t, string(source), example)
	assert.LessOrEqual(t, strings.Count(string(readme), "\n"), 150, "lines of the README")
}
