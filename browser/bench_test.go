package browser

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkVisit measures one sign-up and one login on a fresh context, from
// opening to closing it, for each link. Every link has a browser of its own,
// because a browser with the extension loaded starts a worker in all contexts.
func BenchmarkVisit(b *testing.B) {
	site := testSite(b)
	for _, link := range Links() {
		b.Run(string(link), func(b *testing.B) {
			running, err := Launch(testContext(b), Options{})
			require.NoError(b, err)
			defer func() { require.NoError(b, running.Close()) }()
			options := ContextOptions{Link: link, Answerer: newSoftKey("bench")}
			visit(b, running, site, options) // the first one loads more
			for b.Loop() {
				visit(b, running, site, options)
			}
		})
	}
}

func visit(b *testing.B, running *Browser, site string, options ContextOptions) {
	ctx := b.Context()
	c, err := running.NewContext(ctx, options)
	require.NoError(b, err)
	tab, err := c.NewTab(ctx)
	require.NoError(b, err)
	if options.Link == LinkCDP {
		_, err := tab.AddVirtualAuthenticator(ctx, platformDevice, VirtualEvents{})
		require.NoError(b, err)
	}
	require.NoError(b, tab.Navigate(ctx, site+"/site.html"))
	for _, button := range []string{"#create", "#get"} {
		require.NoError(b, tab.Click(ctx, button))
		require.NoError(b, tab.WaitFunc(ctx, `out.textContent.startsWith("{")`))
	}
	require.NoError(b, c.Close())
}
