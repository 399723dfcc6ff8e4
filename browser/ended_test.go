package browser

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/child"
)

// What was asked of a browser that has been killed fails at once, and says why.
func TestABrowserThatEnds(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	b, err := Launch(ctx, Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, b.Close()) })
	c, err := b.NewContext(ctx, ContextOptions{})
	require.NoError(t, err)
	tab, err := c.NewTab(ctx)
	require.NoError(t, err)
	require.NoError(t, b.Ended())

	child.KillGroup(b.Process())
	<-b.chromium.LostConnection
	var ended *EndedError
	require.ErrorAs(t, b.Ended(), &ended)
	assert.Equal(t, "signal: killed", ended.Exit)
	assert.Regexp(t, `DevTools listening on|:(INFO|WARNING|ERROR):\S+\.cc`, ended.Output, "what Chromium itself wrote")
	for name, ask := range map[string]func() error{
		"navigate": func() error { return tab.Navigate(ctx, blank) },
		"reload":   func() error { return tab.Reload(ctx) },
		"click":    func() error { return tab.Click(ctx, "body") },
		"leave":    func() error { return tab.Blank(ctx) },
	} {
		require.ErrorAs(t, ask(), &ended, name)
		assert.Equal(t, "Chromium", ended.What, name)
	}
	require.NoError(t, ctx.Err(), "nobody waits for what is not there")

	require.NoError(t, b.Close())
	require.ErrorAs(t, b.Ended(), &ended, "who clears away does not change what happened")
	assert.Equal(t, "signal: killed", ended.Exit)
	require.ErrorAs(t, tab.Ended(), &ended)
}

// A browser that was closed has not ended by itself.
func TestAClosedBrowserHasNotEnded(t *testing.T) {
	t.Parallel()
	b, err := Launch(testContext(t), Options{})
	require.NoError(t, err)
	require.NoError(t, b.Close())
	<-b.chromium.LostConnection
	require.NoError(t, b.Ended())
}

// A page whose process crashes takes no other page with it.
func TestAPageWhoseProcessEnds(t *testing.T) {
	t.Parallel()
	tab, _ := formTab(t)
	other, url := formTab(t)
	ctx := testContext(t)
	waiting := make(chan error, 1)
	go func() { waiting <- tab.WaitVisible(ctx, "#late") }()
	var ended *EndedError
	require.ErrorAs(t, tab.Navigate(ctx, "chrome://crash"), &ended)
	require.ErrorAs(t, <-waiting, &ended)
	assert.Equal(t, "Chromium's process for the page", ended.What)
	require.ErrorAs(t, tab.Click(ctx, "#send"), &ended)
	require.NoError(t, other.Navigate(ctx, url))
}

func TestLastOutputKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var o lastOutput
	for range 100 {
		n, err := o.Write([]byte(strings.Repeat("noise\n", 50)))
		require.NoError(t, err)
		assert.Equal(t, 300, n)
	}
	_, err := o.Write([]byte("cut \xf0\nFATAL: it broke\n"))
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(o.String(), "noise cut \uFFFD FATAL: it broke"), o.String())
	assert.LessOrEqual(t, len(o.String()), keptOutput+len("\uFFFD"))
}
