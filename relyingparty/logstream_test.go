package relyingparty

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listener reads a stream of the log over a real connection.
type listener struct {
	t     testing.TB
	lines *bufio.Scanner
	close func()
}

func listen(t testing.TB, s *Site, query, lastID string) *listener {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = s.primary().host
		s.ServeHTTP(w, r)
	}))
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/log/stream"+query, nil)
	require.NoError(t, err)
	if lastID != "" {
		r.Header.Set(lastEventID, lastID)
	}
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	l := &listener{t: t, lines: bufio.NewScanner(response.Body)}
	l.close = func() {
		cancel()
		response.Body.Close()
		server.Close()
	}
	t.Cleanup(l.close)
	require.True(t, l.lines.Scan(), "the stream begins at once")
	return l
}

// next is the next event: its ID and its line.
func (l *listener) next() (id string, line object) {
	l.t.Helper()
	for l.lines.Scan() {
		name, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "data":
			require.NoError(l.t, json.Unmarshal([]byte(value), &line))
			return id, line
		}
	}
	require.NoError(l.t, l.lines.Err())
	l.t.Fatal("the stream ended")
	return "", nil
}

func TestLogStream(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	visitSite(t, s).signUp("before@example.com")
	all, fresh, some := listen(t, s, "?from=0", ""), listen(t, s, "", ""), listen(t, s, "?q=type:slo", "")
	b := visitSite(t, s)
	b.signUp("ann@example.com")
	b.logOut()
	for i, want := range []string{"before@example.com", "ann@example.com", "ann@example.com"} {
		id, line := all.next()
		assert.Equal(t, strconv.Itoa(i+1), id)
		assert.Equal(t, want, line["user_name"])
		assert.Equal(t, id, line["log_id"])
	}
	id, line := fresh.next()
	assert.Equal(t, "2", id)
	assert.Equal(t, "ss", line["type"])
	id, line = some.next()
	assert.Equal(t, "3", id)
	assert.Equal(t, "slo", line["type"])
	id, _ = listen(t, s, "?from=0", "2").next()
	assert.Equal(t, "3", id, "the header says more than the address")
}

func TestLogStreamRefusals(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := newProgram(t, s)
	assert.Empty(t, p.with("Origin", appOrigin).get("/log/stream?from=x").header.Get("Access-Control-Allow-Origin"), "the log is no application's")
	for _, query := range []string{"from=x", "from=-1", "q=x:y"} {
		assert.Equal(t, http.StatusBadRequest, p.get("/log/stream?"+query).status)
	}
	for range maxStreams {
		s.streams <- struct{}{}
	}
	assert.Equal(t, http.StatusTooManyRequests, p.get("/log/stream").status)
	closed, _ := newSite(t, func(c *Config) { c.Operator = false })
	assert.Equal(t, http.StatusNotFound, visitSite(t, closed).open("/log/stream").status)
}

// A reader that reads nothing does not hold its place for ever. A pipe holds nothing
// that is not read, as a full connection does.
func TestLogStreamLetsGoOfWhoReadsNothing(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	s.streamStall = 10 * time.Millisecond
	near, far := net.Pipe()
	ended := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		s.ServeHTTP(w, r)
	})}
	listener := &oneConnection{connection: far, closed: make(chan struct{})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	_, err := near.Write([]byte("GET /log/stream HTTP/1.1\r\nHost: auth.acme.test\r\n\r\n"))
	require.NoError(t, err)
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the stream goes on")
	}
	assert.Empty(t, s.streams, "the place is free")
}

// A request that has a time limit of its own ends there.
func TestLogStreamEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, testOrigin+"/log/stream", nil)
	ended := make(chan struct{})
	go func() {
		s.ServeHTTP(httptest.NewRecorder(), r)
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the stream goes on")
	}
}

// oneConnection is a listener with one connection.
type oneConnection struct {
	connection net.Conn
	closed     chan struct{}
	close      sync.Once
}

func (l *oneConnection) Accept() (net.Conn, error) {
	if c := l.connection; c != nil {
		l.connection = nil
		return c, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConnection) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (l *oneConnection) Close() error {
	l.close.Do(func() { close(l.closed) })
	return nil
}

func TestLogStreamIsForThisSitesPages(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	p := newProgram(t, s)
	for header, value := range map[string]string{"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"} {
		a := p.with(header, value).get("/log/stream")
		assert.Equal(t, http.StatusForbidden, a.status, header)
		a.managementError(t)
	}
	assert.Empty(t, s.streams)
}

func TestLogPageFilters(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	b := visitSite(t, s)
	p := newProgram(t, s)
	for range logPageLines / 2 {
		p.beginLogin("app")
	}
	b.signUp("ann@example.com")
	b.logOut()
	b.signUp("bob@example.com")
	for range logPageLines / 2 {
		p.beginLogin("app")
	}
	for path, want := range map[string]struct {
		shown int
		total string
		links string // "newer", "older", both or none
	}{
		"/log":                                {logPageLines, "203", "older"},
		"/log?page=1":                         {3, "203", "newer"},
		"/log?page=9":                         {0, "203", "newer"},
		"/log?type=ss":                        {2, "2", ""},
		"/log?type=ss&user=ANN":               {1, "1", ""},
		"/log?user=nobody":                    {0, "0", ""},
		"/log?text=authentication_methods":    {2, "2", ""},
		"/log?text=%25":                       {0, "0", ""},
		"/log?type=passkey_challenge_started": {logPageLines, "200", ""},
	} {
		page := b.open(path)
		require.Equal(t, http.StatusOK, page.status, path)
		assert.Equal(t, want.shown, strings.Count(page.body, "data-seq="), path)
		assert.Equal(t, want.total, page.attribute("data-total"), path)
		assert.Equal(t, strings.Contains(want.links, "newer"), strings.Contains(page.body, `id="log-newer"`), path)
		assert.Equal(t, strings.Contains(want.links, "older"), strings.Contains(page.body, `id="log-older"`), path)
	}
	assert.Contains(t, b.open("/log?type=ss&page=1").body, `href="/log?page=0&amp;type=ss"`)
	assert.Contains(t, b.page.body, `<option value="ss" selected>`)
	for _, path := range []string{"/log?page=x", "/log?page=-1", "/log?text=" + longText} {
		assert.Equal(t, http.StatusBadRequest, b.open(path).status, path)
	}
}

func TestPromptsSayWhoLoggedInAndHow(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	p := newProgram(t, s)
	d, _ := p.signUp("ann@example.com", nil)
	login := p.beginLogin("app")
	clock.advance(1500 * time.Millisecond)
	p.exchange("app", login, d.Get(t, login.options), nil)
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	want := Prompt{
		Name: "passkey", PerformedAMR: []string{"phr"}, Flow: "native", Connection: connectionName, ConnectionID: connectionID,
		Strategy: "auth0", UserID: u.ID, UserName: "ann@example.com", Identity: strings.TrimPrefix(u.ID, "auth0|"),
		InitiatedAt: clock.Now().UnixMilli() - 1500, CompletedAt: clock.Now().UnixMilli(), ElapsedTime: 1500, Stats: &Stats{1},
	}
	assert.Equal(t, []Prompt{want}, lastEvent(t, s).Details.Prompts)
	b := visitSite(t, s)
	b.logInWith(d)
	want.SessionID = lastEvent(t, s).Details.Prompts[0].SessionID
	assert.Len(t, want.SessionID, 22)
	cookies := b.http.Jar.Cookies(&url.URL{Scheme: "https", Host: "auth.acme.test", Path: "/"})
	require.NotEmpty(t, cookies)
	for _, c := range cookies {
		assert.NotContains(t, c.Value, want.SessionID, "what is logged opens nothing")
	}
	want.Flow, want.Stats = "universal-login", &Stats{2}
	want.InitiatedAt, want.ElapsedTime = clock.Now().UnixMilli(), 0
	assert.Equal(t, []Prompt{want}, lastEvent(t, s).Details.Prompts)
}

func TestPromptsOfAPasswordLogin(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t)
	b := visitSite(t, s)
	b.signUpWithPassword("ann@example.com")
	b.logOut()
	b.open(pathLogin)
	b.submit(pathLogin, "email", "ann@example.com")
	clock.advance(2 * time.Second)
	b.submit(pathLoginPassword, "password", goodPassword)
	line := lastEvent(t, s)
	require.Len(t, line.Details.Prompts, 1)
	assert.Equal(t, []string{"pwd"}, line.Details.Prompts[0].PerformedAMR)
	assert.Equal(t, int64(2000), line.Details.Prompts[0].ElapsedTime)
	assert.Equal(t, "auth.acme.test", line.Hostname)
}
