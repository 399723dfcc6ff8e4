package relyingparties

import (
	"context"
	"crypto/x509"
	"net/http"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
)

// Server is what a target of these cases makes: a relying party that can be asked over
// HTTP. What else can be done with it, it shows by implementing the interfaces below.
type Server interface {
	conformance.Subject
	// Site says where the relying party is, and how it is asked. It says the same
	// whenever it is called.
	Site() Site
}

// Site is how a relying party is reached. URL is required.
type Site struct {
	// URL is the address that the routes are below, "https://rp.example".
	URL string
	// Transport carries requests there; nil = the network. It may be a [Handler].
	Transport http.RoundTripper
	// Origin is what answers say they come from; "" = that of URL.
	Origin string
	// RPID is used where options name none; "" = the host of Origin.
	RPID string
	// Adapter says which routes there are; nil = [FIDO].
	Adapter *Adapter
	// Switches are choices of the relying party that no request tells; see [Switches].
	Switches Choices
	// Now tells the time of the relying party; nil = time.Now. Certificates and
	// statements are made for it.
	Now func() time.Time
	// Run keeps users and credentials apart from those of earlier runs, where the
	// relying party remembers them: any text that is new for each run.
	Run string
}

// Clock is a [Server] that can be told that time has passed.
type Clock interface {
	Pass(ctx context.Context, d time.Duration) error
}

// Trusting is a [Server] that can be told whom to believe about authenticators.
type Trusting interface {
	// Trust has the relying party believe this from now on, in place of what it was
	// told before: the roots for statements of a format, and the metadata. Where there
	// is a BLOB, whatever registers with attestation other than none is held against it.
	// A BLOB that is not accepted is no error.
	Trust(ctx context.Context, t *Trust) error
}

// Trust is whom a relying party is to believe.
type Trust struct {
	// Roots are trust anchors, by attestation statement format.
	Roots map[string][]*x509.Certificate
	// BLOB is what a metadata service publishes (FIDO MDS 3.1.1 §3.1.7), and BLOBRoot
	// the certificate that it leads to, in DER. nil = no metadata.
	BLOB, BLOBRoot []byte
	// Lists fetches revocation lists that certificates of the BLOB name.
	Lists func(ctx context.Context, url string) ([]byte, error)
}
