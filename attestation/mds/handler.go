package mds

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"time"
)

// Where things are below the service's address. The BLOB itself is at "/".
const (
	chainPath = "/certificates/chain.pem" // what a header's x5u would name
	roguesDir = "/rogues/"
)

func listPath(issuer string) string      { return "/lists/" + issuer + ".crl" }
func certificatePath(name string) string { return "/certificates/" + name + ".cer" }
func roguePath(aaguid string) string     { return roguesDir + aaguid }

func (s *Service) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.serveBLOB)
	mux.HandleFunc("GET "+chainPath, s.serveChain)
	mux.HandleFunc("GET "+roguesDir+"{model}", s.serveRogues)
	for _, c := range []*issued{s.authority.root, s.authority.intermediate} {
		mux.HandleFunc("GET "+listPath(c.name), func(w http.ResponseWriter, r *http.Request) { s.serveList(w, r, c) })
		mux.HandleFunc("GET "+certificatePath(c.name), func(w http.ResponseWriter, r *http.Request) {
			serve(w, r, "application/pkix-cert", time.Time{}, c.cert.Raw)
		})
	}
	return mux
}

// ServeHTTP implements [http.Handler]. It serves the BLOB at "/" with an entity tag
// and the time of its publication, so that who has it need not load it again; the
// revocation lists and certificates of those who sign it; and rogue lists.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Service) serveBLOB(w http.ResponseWriter, r *http.Request) {
	blob, at, err := s.blob()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	serve(w, r, "application/jwt", at, blob)
}

func (s *Service) serveList(w http.ResponseWriter, r *http.Request, of *issued) {
	list, err := s.list(of)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case list == nil:
		http.NotFound(w, r)
	default:
		serve(w, r, "application/pkix-crl", time.Time{}, list)
	}
}

func (s *Service) serveChain(w http.ResponseWriter, r *http.Request) {
	var text []byte
	for _, c := range []*issued{s.authority.leaf, s.authority.intermediate} {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw})...)
	}
	serve(w, r, "application/pem-certificate-chain", time.Time{}, text)
}

func (s *Service) serveRogues(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	list, known := s.rogues[r.PathValue("model")]
	s.mu.Unlock()
	if !known {
		http.NotFound(w, r)
		return
	}
	serve(w, r, "application/json", time.Time{}, list.JSON())
}

// serve answers, or says that the client has it already. A zero time is not told.
func serve(w http.ResponseWriter, r *http.Request, contentType string, changed time.Time, content []byte) {
	sum := sha256.Sum256(content)
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache") // ask each time: a lab's clock runs as it likes
	w.Header().Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:])+`"`)
	http.ServeContent(w, r, "", changed, bytes.NewReader(content))
}
