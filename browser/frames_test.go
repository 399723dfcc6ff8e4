package browser

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// srcdoc asks for a passkey from a frame that has no address of its own.
const srcdoc = `<script src="/ask.js"></script>`

func TestFramesAreAnsweredForTheirOwnOrigin(t *testing.T) {
	t.Parallel()
	site, other := testSecureSite(t, "site.test"), testSecureSite(t, "other.test")
	tests := []struct {
		name, query string
		origin, top string
	}{
		{"same origin", "?frame=/framed.html", site, ""},
		{"srcdoc", "?srcdoc=" + url.QueryEscape(srcdoc), site, ""},
		{"cross site", "?frame=" + url.QueryEscape(other+"/framed.html"), other, site},
	}
	for _, link := range answered {
		for _, test := range tests {
			t.Run(string(link)+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				key := newSoftKey("framed")
				tab := openTab(t, site+"/frames.html"+test.query, ContextOptions{Link: link, Answerer: key})
				require.NoError(t, tab.WaitFunc(testContext(t), "reports.length > 0"))
				assert.Equal(t, b64([]byte("framed")), evalString(t, tab, "reports[0]"))
				requests := key.seen()
				require.NotEmpty(t, requests)
				assert.Equal(t, test.origin, requests[0].Origin)
				assert.Equal(t, test.top != "", requests[0].CrossOrigin)
				assert.Equal(t, test.top, requests[0].TopOrigin)
			})
		}
	}
}

func TestPopupsAreAnswered(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	// The bridge is there before a popup can ask, however early it does.
	address := map[Link]string{LinkProxy: "/framed.html", LinkBridge: "/framed.html%3Fearly"}
	for _, link := range answered {
		for _, features := range []string{"popup", "noopener"} {
			t.Run(string(link)+"/"+features, func(t *testing.T) {
				t.Parallel()
				ctx := testContext(t)
				key := newSoftKey("popup")
				tab := openTab(t, site+"/frames.html?open="+address[link]+"&features="+features, ContextOptions{Link: link, Answerer: key})
				require.NoError(t, tab.Click(ctx, "#open"))
				popup, err := tab.Context().WaitPopup(ctx, tab)
				require.NoError(t, err)
				require.NoError(t, popup.WaitFunc(ctx, `document.body?.innerText.includes("`+b64([]byte("popup"))+`")`))
				assert.Len(t, tab.Context().Tabs(), 2)
				require.NotEmpty(t, key.seen())
				assert.Equal(t, site, key.seen()[0].Origin)
				require.NoError(t, popup.Close(ctx))
			})
		}
	}
}
