package passkeylab

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/child"
)

// A browser, or a page, that ends by itself fails the journey that was in it, says
// so, and is not met again by the next.
func TestBrowsersThatEndAreReplaced(t *testing.T) {
	t.Parallel()
	stage := NewStage(StageOptions{})
	t.Cleanup(func() { assert.NoError(t, stage.Close()) })
	signUp := func(lab *Lab) *Page {
		page := lab.Site.OpenOn(lab.Phone("the phone"))
		page.SignUp("alice@example.com")
		return page
	}
	for what, end := range map[string]func(*chromeTab){
		"process for the page ended by itself": func(c *chromeTab) {
			require.Error(t, c.tab.Navigate(t.Context(), "chrome://crash"))
		},
		"Chromium ended by itself: signal: killed": func(*chromeTab) { child.KillGroup(stage.browsers[false].browser.Process()) },
	} {
		err := Rehearse(t.Context(), what, func(lab *Lab) {
			page := signUp(lab)
			end(page.tab.(*chromeTab))
			page.Press("logout")
		}, WithLink(Proxy), WithStage(stage))
		var ended *BrowserEnded
		require.ErrorAs(t, err, &ended)
		require.ErrorContains(t, err, what)
		require.NoError(t, Rehearse(t.Context(), "next", func(lab *Lab) { signUp(lab) }, WithLink(Proxy), WithStage(stage)), "after %s", what)
	}
}

// Seats of every kind are new after a browser has ended, whichever kind noticed first,
// and one that cannot be replaced is not handed out.
func TestNobodySitsDownAtABrowserThatEnded(t *testing.T) {
	t.Parallel()
	stage := NewStage(StageOptions{})
	t.Cleanup(func() { assert.NoError(t, stage.Close()) })
	visit := func(link Link) error {
		return Rehearse(t.Context(), string(link), func(lab *Lab) { lab.Site.OpenOn(lab.Phone("the phone")) }, WithLink(link), WithStage(stage))
	}
	require.NoError(t, visit(Proxy))
	require.NoError(t, visit(CDP))
	dead, err := stage.browser(t.Context(), false)
	require.NoError(t, err)
	child.KillGroup(dead.Process())
	require.Eventually(t, func() bool { return dead.Ended() != nil }, patience, time.Millisecond)

	calledOff, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = stage.browser(calledOff, false)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, visit(Proxy))
	require.NoError(t, visit(CDP))
	running, err := stage.browser(t.Context(), false)
	require.NoError(t, err)
	assert.NotSame(t, dead, running)
}
