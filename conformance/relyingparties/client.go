package relyingparties

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// client is what answers the relying party in one case, as the cases speak of it.
type client struct {
	*conformance.Check
	server  Server
	site    Site
	adapter *Adapter
	chance  *rand.ChaCha8
	people  int // that there are in this case
	// believing is set once the relying party was told whom to believe.
	believing bool
}

// on makes a case's function of one over clients.
func on(run func(*client)) func(*conformance.Check) {
	return func(check *conformance.Check) { run(newClient(check)) }
}

// newClient is the client of a check: the same for its needs and for the case.
func newClient(check *conformance.Check) *client {
	if c, ok := check.Session.(*client); ok {
		return c
	}
	server, ok := check.Subject.(Server)
	if !ok {
		check.Brokenf("the target made a %T, which is no relying party", check.Subject)
	}
	c := &client{Check: check, server: server, site: server.Site()}
	if c.adapter = c.site.Adapter; c.adapter == nil {
		c.adapter = FIDO()
	}
	at, err := url.Parse(c.site.URL)
	if err != nil || at.Host == "" {
		check.Brokenf("the relying party is at %q, which is no address", c.site.URL)
	}
	c.site.Origin = firstOf(c.adapter.Origin, c.site.Origin, at.Scheme+"://"+at.Host)
	if origin, err := url.Parse(c.site.Origin); err == nil {
		c.site.RPID = firstOf(c.adapter.RPID, c.site.RPID, origin.Hostname())
	}
	if c.site.Now == nil {
		c.site.Now = time.Now
	}
	c.chance = seed.Stream(check.Random.Uint64(), "client", c.site.Run)
	check.Session = c
	return c
}

// firstOf is the first text that is not empty.
func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// draw returns random bytes.
func (c *client) draw(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(c.chance, b); err != nil {
		c.Brokenf("drawing chance: %v", err)
	}
	return b
}

// choice is the value of a switch.
func (c *client) choice(name string) string {
	if value, ok := c.site.Switches[name]; ok {
		return value
	}
	return c.adapter.Switches.of(name)
}

// now is the time of the relying party.
func (c *client) now() time.Time { return c.site.Now() }

// newUser is a name that nobody has.
func (c *client) newUser() string {
	c.people++
	sum := sha256.Sum256(fmt.Append(nil, c.Name(), "\x00", c.site.Run, "\x00", c.people))
	return "judge-" + hex.EncodeToString(sum[:8])
}

// visitor is one session of a person: cookies, and what the adapter keeps.
type visitor struct {
	*client
	user string
	http *http.Client

	mu    sync.Mutex
	known variables
}

// visit opens a session of somebody new.
func (c *client) visit() *visitor { return c.visitAs(c.newUser()) }

// visitAs opens a session.
func (c *client) visitAs(user string) *visitor {
	v := &visitor{client: c, user: user, http: c.newBrowser(), known: variables{}}
	v.known["user"] = user
	name := user
	if c.adapter.User != "" {
		name = v.known.text(c.adapter.User)
	}
	maps.Copy(v.known, variables{"user": name, "displayName": "Person " + user, "origin": c.site.Origin, "run": c.site.Run})
	return v
}

// with is what the session knows, and more.
func (v *visitor) with(more variables) variables {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := maps.Clone(v.known)
	maps.Copy(all, more)
	return all
}

// prepare carries out the steps before a ceremony.
func (v *visitor) prepare(f *Flow, more variables) {
	for i := range f.Before {
		r := v.carryOut(&f.Before[i], more)
		if !f.Before[i].Success.good(r) {
			v.Brokenf("step %d before the ceremony, %s, was answered with status %d: %s", i+1, r.step, r.status, brief(r.body))
		}
	}
}
