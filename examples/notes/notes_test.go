package notes_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/adapter"
	"github.com/passkeylab/passkeylab/examples/notes"
	"github.com/passkeylab/passkeylab/scenarios"
)

// serve starts the application at an address of this machine. A relying party's ID is
// a name, so it is called localhost and not 127.0.0.1.
func serve(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	url = "http://localhost:" + port
	app, err := notes.New(url, "localhost")
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = http.Handler(app)
	server.Start()
	t.Cleanup(server.Close)
	return url
}

// stage starts a browser for all tests that share it.
func stage(t *testing.T) *passkeylab.Stage {
	s := passkeylab.NewStage(passkeylab.StageOptions{})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func way(t *testing.T) *adapter.Adapter {
	t.Helper()
	a, err := adapter.ReadFile("adapter.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// A test of one's own: a lost phone, and what is left of it.
func TestLostPhone(t *testing.T) {
	lab := passkeylab.New(t, passkeylab.WithSite(serve(t)), passkeylab.WithAdapter(way(t)), passkeylab.WithLink(passkeylab.Proxy))
	alice, phone := lab.Someone("alice"), lab.Phone("alice's phone")
	session := lab.Site.OpenOn(phone).SignUpWithPassword(alice, "Correct horse 1")
	session.AddPasskey()
	session.LogOut()
	thiefs := phone.Copy("a thief's phone")
	phone.Lose()

	page := lab.Site.OpenOn(lab.Laptop("alice's laptop"))
	page.LogInFails("NotAllowedError")
	session = page.LogInWithPassword(alice, "Correct horse 1")
	session.AddPasskey()
	session.RemoveOldestPasskey()
	session.LogOut()
	page.LogIn(alice)
	lab.Site.OpenOn(thiefs).LogInFails("passkey-authentication-failed")
}

// Every journey of the library that this application has pages for: on link proxy, and
// where Chromium's front stands in the way, on link bridge.
func TestJourneys(t *testing.T) {
	url, adapted, shared := serve(t), way(t), stage(t)
	var made atomic.Int32
	t.Run("all", func(t *testing.T) {
		for _, s := range scenarios.All() {
			link := passkeylab.Proxy
			if s.NotOn(link) != "" {
				link = passkeylab.Bridge
			}
			if s.Needs.Embedded || s.NotOn(link) != "" {
				continue // it reaches into the site, or this link cannot carry it
			}
			t.Run(s.ID, func(t *testing.T) {
				t.Parallel()
				opts := append(scenarios.Options(s, link, shared), passkeylab.WithSite(url), passkeylab.WithAdapter(adapted))
				err := s.Rehearse(t.Context(), opts...)
				var foreign *passkeylab.NotApplicable
				var skipped *passkeylab.Skipped
				switch {
				case errors.As(err, &foreign):
					t.Skip(err)
				case errors.As(err, &skipped) && os.Getenv("CI") == "":
					t.Skip(err) // at home a browser may be missing; where changes are judged it may not
				case err != nil:
					t.Fatal(err)
				}
				made.Add(1)
			})
		}
	})
	if !t.Failed() && made.Load() < 20 {
		t.Errorf("%d journeys were made", made.Load())
	}
}

// What goes wrong at the application is a failure, and says where.
func TestFailuresAreNoticed(t *testing.T) {
	err := passkeylab.Rehearse(t.Context(), "broken", func(lab *passkeylab.Lab) {
		page := lab.Site.OpenOn(lab.Phone("a phone"))
		page.SignUp(lab.Someone("alice")).LogOut()
		page.LogIn(lab.Someone("bob"))
	}, passkeylab.WithSite(serve(t)), passkeylab.WithAdapter(way(t)), passkeylab.WithLink(passkeylab.Proxy), passkeylab.WithStage(stage(t)))
	if err == nil || !strings.Contains(err.Error(), "is logged in") {
		t.Fatal(err)
	}
}
