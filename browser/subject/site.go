package subject

import (
	"crypto/tls"
	_ "embed"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/browser"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/internal/labcert"
)

//go:embed page.html
var page []byte

// web is all that the browser finds: the same page at every name, with TLS and without.
type web struct {
	secure, plain *httptest.Server
	pin           string // of the certificate

	mu    sync.Mutex
	rpID  string // whose document is there
	known *clients.WellKnown
}

// openWeb serves on the loopback, in goroutines that end with close.
func openWeb() (*web, error) {
	// The browser checks certificates against real time, and holds this one to its pin alone.
	certificate, err := labcert.New(time.Now(), "example.com")
	if err != nil {
		return nil, err
	}
	w := &web{pin: certificate.SPKI}
	w.secure, w.plain = httptest.NewUnstartedServer(w), httptest.NewUnstartedServer(w)
	for _, server := range []*httptest.Server{w.secure, w.plain} {
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // browsers leave without a word
	}
	w.secure.TLS = &tls.Config{Certificates: []tls.Certificate{certificate.TLS}, MinVersion: tls.VersionTLS12}
	w.secure.StartTLS()
	w.plain.Start()
	return w, nil
}

// publish has an RP ID tell of related origins, and no other; nil: neither does it.
func (w *web) publish(rpID string, known *clients.WellKnown) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rpID, w.known = rpID, known
}

// published is what a host tells of related origins.
func (w *web) published(host string) *clients.WellKnown {
	w.mu.Lock()
	defer w.mu.Unlock()
	if host != w.rpID {
		return nil
	}
	return w.known
}

// ServeHTTP implements [http.Handler]. The browser may have left when it answers.
func (w *web) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	known := w.published(r.Host)
	switch {
	case r.URL.Path == "/":
		out.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = out.Write(page)
	case r.URL.Path == "/.well-known/webauthn" && known != nil:
		out.Header().Set("Content-Type", known.ContentType)
		out.Header().Set("Cache-Control", "no-store")
		out.WriteHeader(known.Status)
		_, _ = io.WriteString(out, known.Body)
	default:
		http.NotFound(out, r)
	}
}

// options are other options with what a browser needs to find all names here.
func (w *web) options(o browser.Options) browser.Options {
	o.HostRules = fmt.Sprintf("MAP *:80 %s,MAP * %s", w.plain.Listener.Addr(), w.secure.Listener.Addr())
	o.SPKIHashes = []string{w.pin}
	return o
}

func (w *web) close() {
	w.secure.Close()
	w.plain.Close()
}
