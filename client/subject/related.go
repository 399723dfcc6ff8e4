package subject

import (
	"bytes"
	"io"
	"net/http"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/client/fault"
	"github.com/passkeylab/passkeylab/conformance/clients"
)

// spoiledRelated is how the client learns what RP IDs say of other origins, with its
// faults.
func (c *ours) spoiledRelated(r *clients.Request) client.RelatedOrigins {
	there := fault.Document{Status: http.StatusNotFound}
	if r.WellKnown != nil {
		there = fault.Document{Status: r.WellKnown.Status, Type: r.WellKnown.ContentType, Body: []byte(r.WellKnown.Body)}
	}
	for _, f := range c.faults {
		if f.Fetched != nil {
			f.Fetched(&there)
		}
	}
	related := client.RelatedOrigins(client.WellKnown{Transport: shelf{there, "https://" + r.RPID + "/.well-known/webauthn"}})
	for _, f := range c.faults {
		if f.Related != nil {
			related = f.Related(related)
		}
	}
	return related
}

// shelf has one document at one address.
type shelf struct {
	fault.Document
	address string
}

// RoundTrip implements [http.RoundTripper].
func (s shelf) RoundTrip(request *http.Request) (*http.Response, error) {
	found := s.Document
	if request.URL.String() != s.address {
		found = fault.Document{Status: http.StatusNotFound}
	}
	return &http.Response{
		Status: http.StatusText(found.Status), StatusCode: found.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: http.Header{"Content-Type": {found.Type}}, Body: io.NopCloser(bytes.NewReader(found.Body)), ContentLength: int64(len(found.Body)),
	}, nil
}
