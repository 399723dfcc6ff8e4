package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDeskKeepsThePagesTimeout(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]time.Duration{
		`{"timeout":1500}`:       1500 * time.Millisecond,
		`{"timeout":0}`:          defaultTimeout,
		`{}`:                     defaultTimeout,
		`{"timeout":-5}`:         defaultTimeout,
		`{"timeout":1e300}`:      defaultTimeout,
		`{"timeout":"1"}`:        defaultTimeout,
		`{"timeout":4294967295}`: defaultTimeout,
		`not JSON`:               defaultTimeout,
	} {
		assert.Equal(t, want, newDesk(ContextOptions{}).limit(json.RawMessage(options)), options)
	}
	assert.Equal(t, time.Second, newDesk(ContextOptions{Timeout: time.Second}).limit(json.RawMessage(`{"timeout":9}`)))
}

// deaf never answers, and does not listen to its context either.
type deaf struct{}

func (deaf) Create(context.Context, Request) (json.RawMessage, error) { select {} }
func (deaf) Get(context.Context, Request) (json.RawMessage, error)    { select {} }

func TestDeskAnswersForAnAnswererThatDoesNot(t *testing.T) {
	t.Parallel()
	d := newDesk(ContextOptions{Answerer: deaf{}, Timeout: time.Millisecond})
	settled := make(chan outcome, 1)
	require.True(t, d.take(testContext(t), requestID{number: 1}, "", methodGet, Request{}, func(o outcome) { settled <- o }))
	assert.Equal(t, refuse(notAllowed), <-settled)
}

// waiting waits for its context.
type waiting struct{}

func (waiting) Create(ctx context.Context, _ Request) (json.RawMessage, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
func (waiting) Get(ctx context.Context, r Request) (json.RawMessage, error) {
	return waiting{}.Create(ctx, r)
}

func TestDeskLimitsAndCancels(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(ContextOptions{Answerer: waiting{}})
		settled := 0
		take := func(source string, number int64, owner string) bool {
			return d.take(t.Context(), requestID{source, number}, owner, methodCreate, Request{}, func(outcome) { settled++ })
		}
		for i := range maxPending {
			require.True(t, take(fmt.Sprintf("world %d", i%2), int64(i), "owner"))
		}
		assert.False(t, take("other", 1, ""), "too many")
		d.cancel(requestID{"world 0", 0})
		assert.True(t, take("other", 1, "gone"))
		assert.False(t, take("other", 1, ""), "the number is in use")
		d.cancelOwner("gone")
		d.cancelOwner("world 1")
		assert.Len(t, d.pending, maxPending/2-1)
		d.cancelOwner("owner")
		synctest.Wait()
		assert.Empty(t, d.pending)
		assert.Zero(t, settled, "nobody waits for a cancelled request")
	})
}

func TestProxyRequest(t *testing.T) {
	t.Parallel()
	r, err := proxyRequest(`{"challenge":"AA","extensions":{"credProps":true,"remoteDesktopClientOverride":{"origin":"https://a.test","sameOriginWithAncestors":false}}}`)
	require.NoError(t, err)
	assert.Equal(t, "https://a.test", r.Origin)
	assert.True(t, r.CrossOrigin)
	assert.JSONEq(t, `{"challenge":"AA","extensions":{"credProps":true}}`, string(r.Options))
	for _, bad := range []string{``, `[]`, `{}`, `{"extensions":{}}`, `{"extensions":{"remoteDesktopClientOverride":{"origin":""}}}`} {
		_, err := proxyRequest(bad)
		assert.Error(t, err, bad)
	}
	_, err = proxyRequest(string(make([]byte, maxRequest+1)))
	assert.ErrorContains(t, err, "allowed")
}

func FuzzProxyRequest(f *testing.F) {
	f.Add(`{"challenge":"AA","extensions":{"remoteDesktopClientOverride":{"origin":"https://a.test","sameOriginWithAncestors":true}}}`)
	f.Add(`{"extensions":null}`)
	f.Fuzz(func(t *testing.T, details string) {
		r, err := proxyRequest(details)
		if err == nil && (r.Origin == "" || !json.Valid(r.Options)) {
			t.Fatalf("accepted %q from %q", r.Options, r.Origin)
		}
	})
}
