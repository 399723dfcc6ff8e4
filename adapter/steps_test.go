package adapter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/adapter"
)

// notebook is a page that writes down what was done in it.
type notebook struct {
	did   []string
	fails map[string]error // by what was done
	shown map[string]string
}

func (n *notebook) write(did string) error {
	n.did = append(n.did, did)
	return n.fails[did]
}

func (n *notebook) Open(_ context.Context, address string) error { return n.write("open " + address) }
func (n *notebook) Fill(_ context.Context, selector, text string) error {
	return n.write("fill " + selector + " " + text)
}
func (n *notebook) Press(_ context.Context, selector string) error {
	return n.write("press " + selector)
}
func (n *notebook) Await(_ context.Context, selector, errors string) error {
	return n.write("await " + selector + " or " + errors)
}
func (n *notebook) Text(_ context.Context, selector string) (string, error) {
	return " " + n.shown[selector] + "\n", nil
}
func (n *notebook) Shows(_ context.Context, selector string) (bool, error) {
	_, is := n.shown[selector]
	return is, nil
}

func (n *notebook) Ceremony(ctx context.Context, something func(context.Context) error) error {
	n.did = append(n.did, "(")
	defer func() { n.did = append(n.did, ")") }()
	return something(ctx)
}

func read(t *testing.T, more string) *adapter.Adapter {
	t.Helper()
	a, err := adapter.Read([]byte(whole + more))
	require.NoError(t, err)
	return a
}

// A ceremony is divided at its passkey, can be tried again from there, and the lab
// hears of it until the page has what came of it.
func TestCeremony(t *testing.T) {
	t.Parallel()
	a, n := read(t, ""), new(notebook)
	require.NoError(t, a.SignUp.Begin(t.Context(), n, "alice@example.com"))
	assert.Equal(t, []string{"open /join", "fill input[name=mail] alice@example.com"}, n.did)
	for range 2 {
		n.did = nil
		require.NoError(t, a.SignUp.Finish(t.Context(), n, "alice@example.com"))
		assert.Equal(t, []string{"(", "press button.join", "await .desk or .trouble", ")"}, n.did)
	}
}

func TestRefusalsComeThroughWithTheirLine(t *testing.T) {
	t.Parallel()
	a := read(t, "")
	n := &notebook{fails: map[string]error{"await .desk or .trouble": &adapter.Refused{Text: "no"}}}
	err := a.SignUp.Finish(t.Context(), n, "")
	var refused *adapter.Refused
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "no", refused.Text)
	assert.Equal(t, `line 11 of the adapter, await .desk: the page says "no"`, err.Error())

	broken := errors.New("no such element")
	n = &notebook{fails: map[string]error{"fill input[name=mail] x@y": broken}}
	err = a.SignUp.Begin(t.Context(), n, "x@y")
	require.ErrorIs(t, err, broken)
	assert.Contains(t, err.Error(), "line 8 of the adapter, fill input[name=mail]: ")
}

func TestWords(t *testing.T) {
	t.Parallel()
	a := read(t, `log-in-with-password:
  - fill: "#{user}"
    with: "{email}/{user}/{password}"
  - await: "[title='{email}']"
log-in-by-autofill:
  - open: /enter
  - pick: input
  - await: .desk
remove-oldest-passkey:
  - press: .forget
  - await: .desk
`)
	n := new(notebook)
	require.NoError(t, a.PasswordLogin.Enter(t.Context(), n, "al@x.org", "pw"))
	assert.Equal(t, []string{"fill #al al@x.org/al/pw", "await [title='al@x.org'] or .trouble"}, n.did)

	n.did = nil
	require.NoError(t, a.Autofill.Begin(t.Context(), n))
	assert.Equal(t, []string{"open /enter", "press input"}, n.did)
	n.did = nil
	require.NoError(t, a.Autofill.Finish(t.Context(), n))
	require.NoError(t, a.RemoveOldest.RemoveOldest(t.Context(), n))
	require.NoError(t, a.Session.LogOut(t.Context(), n))
	assert.Equal(t, []string{"await .desk or .trouble", "press .forget", "await .desk or .trouble", "press button.leave", "await .door or .trouble"}, n.did)
}

func TestWhoAmI(t *testing.T) {
	t.Parallel()
	a := read(t, "")
	n := &notebook{shown: map[string]string{".owner": "Alice"}}
	who, err := a.Session.WhoAmI(t.Context(), n)
	require.NoError(t, err)
	assert.Equal(t, "Alice", who)
	assert.Equal(t, []string{"open /desk"}, n.did)

	who, err = a.Session.WhoAmI(t.Context(), new(notebook))
	require.NoError(t, err)
	assert.Empty(t, who)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	a := read(t, "")
	for says, change := range map[string]func(*adapter.Adapter){
		"Name":    func(a *adapter.Adapter) { a.Name = "" },
		"Session": func(a *adapter.Adapter) { a.Session = nil },
		"SignUp":  func(a *adapter.Adapter) { a.SignUp = nil },
	} {
		changed := *a
		change(&changed)
		assert.ErrorContains(t, changed.Check(), says)
	}
}
