package passkeylab

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// BenchmarkBrowserJourney holds one sign-up and one login by button over link
// proxy against the same journey with Chromium's built-in virtual authenticator,
// left to itself. Both drive the same pages in the same browser, and
// both take turns in a browser context that is cleaned in between.
func BenchmarkBrowserJourney(b *testing.B) {
	stage := NewStage(StageOptions{})
	b.Cleanup(func() { require.NoError(b, stage.Close()) })
	for _, way := range []struct {
		name string
		link Link
		open func(*Lab, context.Context, *Device) (tab, error)
	}{
		{"chromium", CDP, builtIn},
		{"proxy", Proxy, func(l *Lab, ctx context.Context, d *Device) (tab, error) { return l.openChrome(ctx, d) }},
	} {
		b.Run(way.name, func(b *testing.B) {
			journey := func(lab *Lab) {
				d := lab.Laptop("alice's laptop")
				opened, err := way.open(lab, b.Context(), d)
				lab.must("opening a tab", err)
				page := &Page{lab: lab, site: lab.Site, device: d, tab: opened}
				page.SignUp("alice@example.com").LogOut()
				page.LogIn("alice@example.com")
				lab.must("closing the tab", opened.close(b.Context()))
			}
			options := []Option{WithLink(way.link), WithStage(stage), WithPolicy(func(p *relyingparty.Policy) { p.ChallengeUI = relyingparty.ChallengeButton })}
			require.NoError(b, Rehearse(b.Context(), "warm up", journey, options...))
			for b.Loop() {
				require.NoError(b, Rehearse(b.Context(), "sign up and log in", journey, options...))
			}
		})
	}
}

// builtIn opens a tab with Chromium's virtual authenticator as anybody would
// have it, without our devices, in a context that is used again as ours are.
func builtIn(l *Lab, ctx context.Context, d *Device) (tab, error) {
	taken, err := l.stage.seat(ctx, seatKind{link: CDP})
	if err != nil {
		return nil, err
	}
	if err := taken.tab.UseRealUI(ctx, false); err != nil { // takes away the one of before
		return nil, err
	}
	_, err = taken.tab.AddVirtualAuthenticator(ctx, browser.VirtualOptions{
		ResidentKeys: true, UserVerification: true, UserVerified: true,
	}, browser.VirtualEvents{})
	return &chromeTab{stage: l.stage, seat: taken, tab: taken.tab, device: d}, err
}
