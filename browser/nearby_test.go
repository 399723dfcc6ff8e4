package browser

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

func TestPhoneSignsUpAndIn(t *testing.T) {
	s := newScene(t)
	var steps []hybrid.StepKind // told by the goroutine that scans, which has ended when they are read
	phone := s.phone(func(c *hybrid.PhoneConfig) {
		c.Tell = func(step hybrid.Step) { steps = append(steps, step.Kind) }
	})
	credential := s.register("alice@example.com", phone)
	assert.Contains(t, credential.Transports, "hybrid")
	assert.Equal(t, "cross-platform", credential.Attachment)
	assert.True(t, credential.UserVerified)

	steps = nil
	assertion := s.login(phone)
	assert.Equal(t, []byte("alice@example.com"), assertion.UserHandle)
	assert.True(t, assertion.UserVerified)
	assert.Equal(t, "cross-platform", assertion.Attachment)
	assert.Equal(t, []hybrid.StepKind{
		hybrid.StepScanned, hybrid.StepTunnel, hybrid.StepAdvert, hybrid.StepHandshake, hybrid.StepIntroduced,
		hybrid.StepRequest, hybrid.StepAnswer, hybrid.StepDone,
	}, steps)
	require.NoError(t, s.tab.DialogCloses(testContext(t)))
	require.NoError(t, s.nearby.Air.Unscanned(testContext(t)), "the browser listens no longer than it needs to")
}

// The phone asks which one, and tells the browser that it has (userSelected): the
// browser does not ask once more.
func TestPhoneWithTwoAccountsAsksItself(t *testing.T) {
	s := newScene(t)
	phone := s.phone()
	for _, name := range []string{"alice@example.com", "bob@example.com"} {
		s.register(name, phone)
	}
	for _, name := range []string{"alice@example.com", "bob@example.com"} {
		s.user.Pick(name)
		assert.Equal(t, []byte(name), s.login(phone).UserHandle)
		prompts := s.user.Asked()
		last := prompts[len(prompts)-1]
		assert.Equal(t, authenticator.ChooseAccount, last.Kind)
		assert.Len(t, last.Accounts, 2)
	}
}

// What Chromium on Linux says in its QR code: it cannot be linked.
func TestCodeOfChromium(t *testing.T) {
	s := newScene(t)
	hints := map[string]protocol.Hint{"get": protocol.HintAssertion, "create": protocol.HintCredential}
	for method, hint := range hints {
		t.Run(method, func(t *testing.T) {
			s.ask(method, map[string]json.RawMessage{
				"get": json.RawMessage(`{publicKey: {challenge: "AAAA"}}`),
				"create": json.RawMessage(`{publicKey: {challenge: "AAAA", rp: {name: "Fixture"}, pubKeyCredParams: [],
					user: {id: "AAAA", name: "alice", displayName: "Alice"}}}`),
			}[method])
			text, err := s.tab.QR(testContext(t))
			require.NoError(t, err)
			code, err := protocol.ParseQR(text)
			require.NoError(t, err)
			assert.Equal(t, hint, code.Hint)
			assert.Equal(t, protocol.ToldNo, code.Linking)
			assert.GreaterOrEqual(t, code.Domains, uint64(protocol.AssignedDomains))
			again, err := s.tab.QR(testContext(t))
			require.NoError(t, err)
			assert.Equal(t, text, again, "it can be read as often as one likes")
			require.NoError(t, s.tab.PressDialog(testContext(t), "Cancel"))
			assert.Equal(t, "NotAllowedError", s.outcome())
		})
	}
}

// A code is that of the dialog that is open, also where others were there before.
func TestCodesAreFresh(t *testing.T) {
	s := newScene(t)
	phone := s.phone()
	s.register("alice@example.com", phone)
	seen := map[string]bool{}
	for range 4 {
		for _, read := range []bool{true, false, false} {
			s.askLogin()
			if read {
				text, err := s.tab.QR(testContext(t))
				require.NoError(t, err)
				assert.False(t, seen[text])
				seen[text] = true
			}
			require.NoError(t, s.tab.Eval(testContext(t), `aborter.abort()`, nil))
			require.Equal(t, "AbortError", s.outcome())
		}
		s.login(phone)
	}
}
