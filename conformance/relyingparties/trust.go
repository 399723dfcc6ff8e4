package relyingparties

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// believe has the relying party believe the judge's makers and metadata, where it can
// be told.
func (c *client) believe() {
	if c.believing {
		return
	}
	c.believing = true
	server, is := c.server.(Trusting)
	if !is {
		return
	}
	t := c.Once("trust", func() any { return c.trust(c.metadata()) }).(*Trust)
	c.tell(server, t)
}

func (c *client) tell(server Trusting, t *Trust) {
	if err := server.Trust(c.Context(), t); err != nil {
		c.Brokenf("the relying party cannot be told whom to believe: %v", err)
	}
}

// trust is the judge's makers, and what a metadata service publishes.
func (c *client) trust(service *mds.Service) *Trust {
	roots, err := Roots()
	if err != nil {
		c.Brokenf("%v", err)
	}
	blob, err := service.BLOB()
	if err != nil {
		c.Brokenf("there are no metadata: %v", err)
	}
	return &Trust{Roots: roots, BLOB: blob, BLOBRoot: service.Root(), Lists: listsOf(service)}
}

// metadataURL is where metadata would be that the judge hands over itself.
const metadataURL = "http://mds.judge.test"

// metadata is a new service with everything that the judge's models are.
func (c *client) metadata() *mds.Service {
	service, err := Metadata(c.site.Now, metadataURL)
	if err != nil {
		c.Brokenf("%v", err)
	}
	return service
}

// Metadata is a metadata service that knows the judge's models. url is where it will be
// found, which its certificates say; "" for nowhere. What it signs with is the same for
// every run.
func Metadata(now func() time.Time, url string) (*mds.Service, error) {
	// The certificates are of one day, so that the root is the same in every run.
	clock := func() time.Time { return born }
	service, err := mds.New(mds.Config{Secret: []byte("passkeylab, the judge's metadata"), Clock: func() time.Time { return clock() }, URL: url})
	if err != nil {
		return nil, fmt.Errorf("relyingparties: metadata: %w", err)
	}
	clock = now
	entries, err := entries(now())
	if err != nil {
		return nil, err
	}
	service.Publish(entries...)
	return service, nil
}

// allRoots are those of all formats.
func allRoots() ([][]byte, error) {
	byFormat, err := Roots()
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for _, format := range makers().Formats() {
		for _, root := range byFormat[format] {
			all = append(all, root.Raw)
		}
	}
	return all, nil
}

// statement is what metadata say of one of the judge's models: anything goes.
func statement(id [16]byte, name string, roots [][]byte) *mds.Statement {
	s := mds.Key(id, "Judge's authenticator, "+name, roots...)
	s.AttestationTypes = []mds.AttestationType{mds.BasicFull, mds.BasicSurrogate, mds.AttCA, mds.AnonCA}
	s.MultiDeviceCredentialSupport = mds.MultiDeviceExplicit
	return s
}

// entries are all that the metadata have.
func entries(now time.Time) ([]mds.Entry, error) {
	roots, err := allRoots()
	if err != nil {
		return nil, err
	}
	u2f, err := u2fStatement(roots)
	if err != nil {
		return nil, err
	}
	all := []mds.Entry{mds.EntryOf(statement(model, "usual", roots), certified(now)), mds.EntryOf(u2f, certified(now))}
	for _, m := range models {
		s := statement(m.id(), m.what, roots)
		if m.statement != nil {
			m.statement(s)
		}
		reports := []mds.StatusReport{certified(now)}
		if m.reports != nil {
			if reports, err = m.reports(now); err != nil {
				return nil, err
			}
		}
		all = append(all, mds.EntryOf(s, reports...))
	}
	return all, nil
}

// certified is a report that nobody objects to.
func certified(now time.Time) mds.StatusReport {
	return mds.StatusReport{Status: mds.FIDOCertifiedL1, EffectiveDate: mds.On(now.AddDate(-1, 0, 0))}
}

// u2fStatement is of the key that attests for U2F, which has no AAGUID to be found by.
func u2fStatement(roots [][]byte) (*mds.Statement, error) {
	leaf, err := leafOf("fido-u2f")
	if err != nil {
		return nil, err
	}
	s := statement([16]byte{}, "U2F", roots)
	s.AAGUID, s.ProtocolFamily = "", "u2f"
	s.AttestationCertificateKeyIdentifiers = []string{keyIdentifier(leaf)}
	return s, nil
}

// keyIdentifier is how metadata name the key of a certificate (RFC 5280 §4.2.1.2,
// method 1).
func keyIdentifier(c *x509.Certificate) string {
	var key []byte
	switch public := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		key, _ = public.Bytes() // of a certificate that could be read
	case *rsa.PublicKey:
		key = x509.MarshalPKCS1PublicKey(public)
	}
	sum := sha1.Sum(key)
	return hex.EncodeToString(sum[:])
}

// leafOf is the certificate with which a sample attests.
func leafOf(name string) (*x509.Certificate, error) {
	all, err := samples()
	if err != nil {
		return nil, err
	}
	return leafBy(all[name].Attester)
}

// leafBy is the certificate with which somebody attests.
func leafBy(by attestation.Attester) (*x509.Certificate, error) {
	key, err := forge.NewKey(ones{}, forge.ES256)
	if err != nil {
		return nil, err
	}
	auth := forge.AuthData{RPIDHash: make([]byte, 32), Flags: present | forge.AT, Attested: &forge.Attested{ID: make([]byte, 32), Key: cbor.Encode(key.Public)}}
	_, made, err := attest(by, born, key)(auth.Bytes(), make([]byte, 32))
	if err != nil {
		return nil, err
	}
	raw, _ := made.(cbor.Raw)
	item, err := cbor.Decode(raw)
	if err != nil {
		return nil, err
	}
	members, _ := item.Value.(cbor.Map)
	x5c, _ := members.Get("x5c")
	list, _ := x5c.(cbor.Array)
	if len(list) == 0 {
		return nil, fmt.Errorf("relyingparties: a statement of %s has no certificate", by.Format())
	}
	der, _ := list[0].([]byte)
	return x509.ParseCertificate(der)
}

// ones is a source of nothing but ones.
type ones struct{}

func (ones) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 1
	}
	return len(p), nil
}

// listsOf fetches a service's revocation lists, without a network.
func listsOf(service *mds.Service) func(context.Context, string) ([]byte, error) {
	return func(ctx context.Context, url string) ([]byte, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		response, err := Handler{service}.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: status %d", url, response.StatusCode)
		}
		return io.ReadAll(io.LimitReader(response.Body, maxReply))
	}
}
