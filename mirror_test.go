package passkeylab

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A page may ask behind the email field while the user still touches the device
// for something else. That touch is not for it.
func TestATouchAnswersNoRequestBehindTheField(t *testing.T) {
	t.Parallel()
	lab := New(t, WithLink(CDP))
	page := lab.Site.OpenOn(lab.Phone("alice's phone"))
	page.SignUp("alice@example.com")
	open := page.tab.(*chromeTab)
	ctx := t.Context()
	ask := `(() => {
		const controller = new AbortController();
		window.giveUp = () => controller.abort();
		window.outcome = "waiting";
		navigator.credentials.get({
			mediation: "conditional", signal: controller.signal,
			publicKey: {challenge: new Uint8Array(32)},
		}).then(() => { window.outcome = "answered"; }, (error) => { window.outcome = error.name; });
	})()`
	ends := func(how string) {
		t.Helper()
		require.NoError(t, open.tab.Eval(ctx, "giveUp()", nil))
		require.NoError(t, open.tab.WaitFunc(ctx, `outcome !== "waiting"`))
		var outcome string
		require.NoError(t, open.tab.Eval(ctx, "outcome", &outcome))
		assert.Equal(t, how, outcome)
	}

	require.NoError(t, open.mirrors.ready(ctx, open.mirrors.reached()))
	require.NoError(t, open.tab.Eval(ctx, ask, nil))
	ends("AbortError") // the page can always take it back

	require.NoError(t, open.tab.Eval(ctx, ask, nil))
	require.NoError(t, open.mirrors.rest(ctx))
	require.NoError(t, open.tab.Eval(ctx, "new Promise((later) => setTimeout(later, 100))", nil))
	ends("AbortError") // it has reached Chromium by now, which waits for a touch

	var own bool
	require.NoError(t, open.tab.Eval(ctx, `Object.hasOwn(navigator.credentials, "get")`, &own))
	assert.False(t, own, "the page has its own way back")
}

// A request behind the email field may reach Chromium's authenticator late, as Chromium
// asks first what vouches for a related origin. The user has reached for the device by
// then, for a button whose request is not there yet.
func TestATouchWaitsForTheRequestThatItIsFor(t *testing.T) {
	t.Parallel()
	lab := New(t, WithLink(CDP))
	page := lab.Site.OpenOn(lab.Phone("alice's phone"))
	page.SignUp("alice@example.com")
	open := page.tab.(*chromeTab)
	const (
		late = `(() => {
			window.outcome = "waiting";
			window.controller = new AbortController();
			CredentialsContainer.prototype.get.call(navigator.credentials, {
				mediation: "conditional", signal: controller.signal,
				publicKey: {challenge: new Uint8Array(32)},
			}).then(() => { window.outcome = "answered"; }, (error) => { window.outcome = error.name; });
		})()`
		underWay = `PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()`
		button   = `(async () => {
			controller.abort();
			return (await navigator.credentials.get({publicKey: {challenge: new Uint8Array(32)}})).type;
		})()`
	)
	var before, pressed, after string
	require.NoError(t, open.mirrors.during(t.Context(), func(ctx context.Context) error {
		for _, step := range []struct {
			do   string
			into any
		}{{late, nil}, {underWay, nil}, {"outcome", &before}, {button, &pressed}, {"outcome", &after}} {
			if err := open.tab.Eval(ctx, step.do, step.into); err != nil {
				return err
			}
		}
		return nil
	}))
	assert.Equal(t, "waiting", before, "nobody has pressed the button yet")
	assert.Equal(t, "public-key", pressed)
	assert.Equal(t, "AbortError", after)
}
