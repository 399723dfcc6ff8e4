package passkeylab_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab"
)

func TestShopHasToBeAskedFor(t *testing.T) {
	t.Parallel()
	err := passkeylab.Rehearse(t.Context(), "without a shop", func(lab *passkeylab.Lab) { lab.Shop() })
	assert.ErrorContains(t, err, "passkeylab.WithShop()")
}

// What the words for applications promise to notice, they notice.
func TestWordsForApplicationsFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		says string
		run  func(*passkeylab.Lab)
	}{
		"a login that succeeds": {"it succeeds", func(lab *passkeylab.Lab) {
			app := lab.Shop().AppOn(lab.Phone("phone"))
			app.SignUp("ann@example.com")
			app.LogInFails("invalid_grant")
		}},
		"another refusal": {"NotAllowedError", func(lab *passkeylab.Lab) {
			lab.Shop().AppOn(lab.Phone("phone")).LogInFails("invalid_grant")
		}},
		"another number of passkeys": {"2 passkeys", func(lab *passkeylab.Lab) {
			app := lab.Shop().AppOn(lab.Phone("phone"))
			app.SignUp("ann@example.com")
			app.ListsPasskeys(2)
		}},
		"options that are possible": {"it succeeds", func(lab *passkeylab.Lab) {
			lab.Shop().Operator().ConfigureFails(map[string]any{}, "anything")
		}},
		"nobody logged in": {"user-email", func(lab *passkeylab.Lab) {
			lab.Shop().LoggedIn(lab.Shop().OpenOn(lab.Phone("phone")), "ann@example.com")
		}},
		"another text": {"Acme Shop", func(lab *passkeylab.Lab) {
			page := lab.Site.OpenOn(lab.Phone("phone"))
			page.BeginLogin()
			page.Reads("passkey-button", "Acme Shop")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := passkeylab.Rehearse(t.Context(), name, c.run, passkeylab.WithShop())
			assert.ErrorContains(t, err, c.says)
		})
	}
}
