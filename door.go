package passkeylab

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// door is what browsers of a stage find at the default port of names under .test. There
// an RP ID says which other origins may use its passkeys (WebAuthn L3 §5.11), and sites
// of labs are at ports of their own.
type door struct {
	server *httptest.Server

	mu    sync.Mutex
	hosts map[string]http.Handler // by name; nil for one that is taken and not open yet
}

func openDoor(c *certificate) *door {
	d := &door{hosts: map[string]http.Handler{}}
	d.server = httptest.NewUnstartedServer(d)
	d.server.TLS = c.serverConfig()
	d.server.Config.ErrorLog = (*Stage)(nil).quiet()
	d.server.StartTLS()
	return d
}

// address is where it listens.
func (d *door) address() string { return d.server.Listener.Addr().String() }

// take gives a name under .acme.test to whoever asks, until they leave: name, or where
// that is taken at present, one like it.
func (d *door) take(name string) (taken string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	taken = name + ".acme.test"
	for n := 2; ; n++ {
		if _, other := d.hosts[taken]; !other {
			d.hosts[taken] = nil
			return taken
		}
		taken = fmt.Sprintf("%s-%d.acme.test", name, n)
	}
}

// put has a name answered by a handler.
func (d *door) put(host string, handler http.Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hosts[host] = handler
}

// leave gives a name back.
func (d *door) leave(host string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.hosts, host)
}

// ServeHTTP implements http.Handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	handler := d.hosts[strings.ToLower(r.Host)]
	d.mu.Unlock()
	if handler == nil {
		http.NotFound(w, r)
		return
	}
	handler.ServeHTTP(w, r)
}
