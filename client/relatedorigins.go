package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// WellKnown is a [RelatedOrigins] that fetches what an RP ID says of other origins, as
// a browser does, and judges it by the related origins validation procedure (§5.11.1).
// It keeps nothing: each question is a fetch.
type WellKnown struct {
	// Transport carries the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// Labels is how many registrable origin labels count, of which later ones are
	// passed over; 0 is [RelatedLabels].
	Labels int
}

var _ RelatedOrigins = WellKnown{}

const (
	// RelatedLabels is how many registrable origin labels every client has to support,
	// and Chromium does.
	RelatedLabels = 5
	// maxRelated bounds the document, in bytes. It is Chromium's limit.
	maxRelated = 256 << 10
	// maxRedirects is as many as browsers follow (Fetch §4.4).
	maxRedirects = 20
)

// Related implements RelatedOrigins. An error says what was wrong with the document.
func (w WellKnown) Related(ctx context.Context, rpID, origin string) (bool, error) {
	if err := checkDomain(rpID); err != nil {
		return false, err
	}
	caller, err := parseOrigin(origin)
	if err != nil {
		return false, err
	}
	document, err := w.fetch(ctx, "https://"+rpID+"/.well-known/webauthn")
	if err != nil {
		return false, err
	}
	listed, err := readOrigins(document)
	if err != nil {
		return false, err
	}
	labels := w.Labels
	if labels == 0 {
		labels = RelatedLabels
	}
	return amongRelated(caller, listed, labels), nil
}

// fetch gets the document without cookies and without a referrer, over https alone.
func (w WellKnown) fetch(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: w.Transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		next.Header.Del("Referer")
		switch {
		case next.URL.Scheme != "https":
			return fmt.Errorf("a redirect leads to %s, which is not https", next.URL)
		case len(via) > maxRedirects:
			return fmt.Errorf("more than %d redirects", maxRedirects)
		}
		return nil
	}}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, answer.Status)
	}
	if kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, fmt.Errorf("%s has the content type %q, not application/json", address, answer.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxRelated+1))
	if err == nil && len(body) > maxRelated {
		err = fmt.Errorf("%s has more than %d bytes", address, maxRelated)
	}
	return body, err
}

// readOrigins reads the document: a JSON object with an array of strings called
// "origins".
func readOrigins(document []byte) ([]string, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(document, &members); err != nil {
		return nil, fmt.Errorf("the document is no JSON object: %w", err)
	}
	value := members["origins"]
	if !bytes.HasPrefix(value, []byte("[")) {
		return nil, errors.New(`the document has no array "origins"`)
	}
	var elements []*string
	if err := json.Unmarshal(value, &elements); err != nil {
		return nil, fmt.Errorf(`"origins" has elements that are no strings: %w`, err)
	}
	listed := make([]string, len(elements))
	for i, e := range elements {
		if e == nil {
			return nil, errors.New(`"origins" has elements that are no strings`)
		}
		listed[i] = *e
	}
	return listed, nil
}

// amongRelated goes through the list as the procedure has it: entries that are no URLs
// with a registrable domain are passed over, and so are those whose label is one too
// many.
func amongRelated(caller tupleOrigin, listed []string, most int) bool {
	seen := make(map[string]bool)
	for _, item := range listed {
		origin, ok := originOfItem(item)
		if !ok {
			continue
		}
		label := registrableLabel(origin.host)
		if label == "" || len(seen) >= most && !seen[label] {
			continue
		}
		if origin.String() == caller.String() {
			return true
		}
		seen[label] = true
	}
	return false
}

// originOfItem is the origin of a URL, which need not be the origin alone.
func originOfItem(item string) (tupleOrigin, bool) {
	u, err := url.Parse(strings.TrimSpace(item))
	if err != nil || u.Host == "" {
		return tupleOrigin{}, false
	}
	origin, err := originOfURL(u.Scheme + "://" + u.Host)
	return origin, err == nil && checkDomain(origin.host) == nil
}

// registrableLabel is the first label of the registrable domain: "example" of
// "www.example.co.uk"; "" where there is none.
func registrableLabel(host string) string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	label, _, _ := strings.Cut(domain, ".")
	return label
}
