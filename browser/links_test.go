package browser

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/webauthn"
)

// answered are the links behind which an Answerer stands.
var answered = []Link{LinkProxy, LinkBridge}

// answerID is the id of the credential whose JSON the page shows.
func answerID(t *testing.T, text string) string {
	t.Helper()
	var c struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(text), &c), "the page shows: %s", text)
	return c.ID
}

func TestCreateAndGetByMouse(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	for _, link := range answered {
		t.Run(string(link), func(t *testing.T) {
			t.Parallel()
			key := newSoftKey("mouse")
			tab := openTab(t, site+"/site.html", ContextOptions{Link: link, Answerer: key})
			ctx := testContext(t)
			for _, button := range []string{"#create", "#get"} {
				require.NoError(t, tab.Click(ctx, button))
				require.NoError(t, tab.WaitFunc(ctx, `out.textContent !== ""`))
				text, err := tab.Text(ctx, "#out")
				require.NoError(t, err)
				assert.Equal(t, b64([]byte("mouse")), answerID(t, text))
			}
			assert.Empty(t, tab.Problems())
			requests := key.seen()
			require.Len(t, requests, 2)
			for _, r := range requests {
				assert.Equal(t, site, r.Origin)
				assert.False(t, r.CrossOrigin)
				assert.Contains(t, string(r.Options), `"challenge":"BwcHBwcH`)
				assert.NotContains(t, string(r.Options), "remoteDesktopClientOverride")
			}
		})
	}
}

func TestErrorsReachThePage(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	tests := []struct {
		name   string
		answer func(context.Context, Request) (json.RawMessage, error)
		want   string
	}{
		{"named", func(context.Context, Request) (json.RawMessage, error) {
			return nil, &webauthn.DOMException{Name: webauthn.InvalidStateError, Message: "known already"}
		}, "DOMException InvalidStateError: known already"},
		{"unnamed", func(context.Context, Request) (json.RawMessage, error) {
			return nil, errors.New("the dog ate it")
		}, "DOMException NotAllowedError: " + notAllowed.Message},
		{"not JSON", func(context.Context, Request) (json.RawMessage, error) {
			return json.RawMessage("{"), nil
		}, "DOMException NotAllowedError: " + notAllowed.Message},
		{"malformed", func(context.Context, Request) (json.RawMessage, error) {
			return json.RawMessage(`{"id":"!","rawId":7}`), nil
		}, "DOMException NotAllowedError: " + notAllowed.Message},
		{"late", func(ctx context.Context, _ Request) (json.RawMessage, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, "DOMException NotAllowedError: " + notAllowed.Message},
	}
	for _, link := range answered {
		t.Run(string(link), func(t *testing.T) {
			t.Parallel()
			key := newSoftKey("errors")
			tab := openTab(t, site+"/site.html", ContextOptions{Link: link, Answerer: key, Timeout: time.Second})
			for _, test := range tests {
				key.create, key.get = test.answer, test.answer
				for _, kind := range []string{"create", "get"} {
					assert.Equal(t, test.want, evalString(t, tab, `ceremony("`+kind+`")`), "%s %s", test.name, kind)
				}
			}
		})
	}
}

func TestAbortEndsTheAnswerersContext(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	for _, link := range answered {
		t.Run(string(link), func(t *testing.T) {
			t.Parallel()
			key := newSoftKey("abort")
			ended := make(chan error, 1)
			key.get = func(ctx context.Context, _ Request) (json.RawMessage, error) {
				<-ctx.Done()
				ended <- ctx.Err()
				return nil, ctx.Err()
			}
			tab := openTab(t, site+"/site.html", ContextOptions{Link: link, Answerer: key})
			got := evalString(t, tab, `(() => {
				const c = new AbortController();
				const outcome = ceremony("get", {}, {signal: c.signal});
				setTimeout(() => c.abort(), 100);
				return outcome;
			})()`)
			assert.Contains(t, got, "DOMException AbortError")
			select {
			case err := <-ended:
				assert.ErrorIs(t, err, context.Canceled)
			case <-testContext(t).Done():
				t.Fatal("the Answerer was not told")
			}
		})
	}
}

func TestNavigationEndsTheAnswerersContext(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	for _, link := range answered {
		t.Run(string(link), func(t *testing.T) {
			t.Parallel()
			ctx := testContext(t)
			key := newSoftKey("leave")
			asked, ended := make(chan struct{}), make(chan struct{})
			key.get = func(ctx context.Context, _ Request) (json.RawMessage, error) {
				close(asked)
				<-ctx.Done()
				close(ended)
				return nil, ctx.Err()
			}
			tab := openTab(t, site+"/site.html", ContextOptions{Link: link, Answerer: key})
			require.NoError(t, tab.Click(ctx, "#get"))
			for _, step := range []chan struct{}{asked, ended} {
				select {
				case <-step:
				case <-ctx.Done():
					t.Fatal("the request did not come or did not end")
				}
				if step == asked {
					require.NoError(t, tab.Navigate(ctx, site+"/site.html?again"))
				}
			}
		})
	}
}

func TestContextsDoNotMix(t *testing.T) {
	t.Parallel()
	site := testSite(t)
	for _, link := range answered {
		for _, name := range []string{"anna", "bert"} {
			t.Run(string(link)+"/"+name, func(t *testing.T) {
				t.Parallel()
				key := newSoftKey(name)
				tab := openTab(t, site+"/site.html", ContextOptions{Link: link, Answerer: key})
				for range 5 {
					assert.Equal(t, b64([]byte(name)), answerID(t, evalString(t, tab, `ceremony("create")`)))
					assert.Equal(t, b64([]byte(name)), answerID(t, evalString(t, tab, `ceremony("get")`)))
				}
				assert.Len(t, key.seen(), 10)
			})
		}
	}
}

func TestContextOptionsAreChecked(t *testing.T) {
	t.Parallel()
	b := testBrowser(t)
	_, err := b.NewContext(testContext(t), ContextOptions{Link: "pigeon"})
	var unknown *UnknownLinkError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, Link("pigeon"), unknown.Link)
	for _, link := range answered {
		_, err = b.NewContext(testContext(t), ContextOptions{Link: link})
		assert.ErrorContains(t, err, "needs ContextOptions.Answerer")
	}
}
