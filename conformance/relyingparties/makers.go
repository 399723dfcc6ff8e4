package relyingparties

import (
	"crypto/x509"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
	data "github.com/passkeylab/passkeylab/webauthn"
)

// makers are those of every authenticator that the judge plays. They are the same in
// every run, so that a relying party can be told to believe them.
var makers = sync.OnceValue(func() *attestation.Makers {
	return attestation.NewMakers([]byte("passkeylab, the judge of relying parties"), born)
})

// born is the day that all certificates of authorities begin and end by: years before
// and after.
var born = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// model is what the judge's usual authenticator is.
var model = [16]byte([]byte("passkeylab:judge"))

// samples are ways of attesting by name. RSA keys take a while, so that they are made
// once.
var samples = sync.OnceValues(func() (map[string]attestation.Sample, error) {
	all, err := makers().Samples(model)
	if err != nil {
		return nil, err
	}
	named := make(map[string]attestation.Sample, len(all))
	for _, s := range all {
		named[slug(s.Name)] = s
	}
	return named, nil
})

// slug is a sample's name as part of an ID.
func slug(name string) string {
	return strings.ToLower(strings.NewReplacer(", ", "-", " ", "-").Replace(name))
}

// attestedBy has a registration attested by a sample, or by what becomes of it.
func attestedBy(name string, change func(attestation.Attester) (attestation.Attester, error)) func(*client, *forge.Key) forge.Attest {
	return func(c *client, key *forge.Key) forge.Attest {
		all, err := samples()
		if err != nil {
			c.Brokenf("there are no makers: %v", err)
		}
		attester := all[name].Attester
		if change != nil {
			if attester, err = change(attester); err != nil {
				c.Brokenf("%v", err)
			}
		}
		return attest(attester, c.now(), key)
	}
}

// attest is what a maker's attester says of a key.
func attest(by attestation.Attester, at time.Time, key *forge.Key) forge.Attest {
	return func(authData, clientDataHash []byte) (string, any, error) {
		made, err := by.Attest(&attestation.Subject{
			AuthData: authData, ClientDataHash: clientDataHash, Time: at.Truncate(time.Millisecond),
			Sign: func(message []byte) ([]byte, error) { return key.Sign(message), nil },
		})
		return by.Format(), cbor.Raw(made), err
	}
}

// Roots are the trust anchors of the judge's makers, by attestation statement format:
// what a relying party has to believe where the switch trust is judge.
func Roots() (map[string][]*x509.Certificate, error) {
	roots := map[string][]*x509.Certificate{}
	for _, format := range makers().Formats() {
		all, err := makers().Roots(format)
		if err != nil {
			return nil, fmt.Errorf("relyingparties: roots of %s: %w", format, err)
		}
		if len(all) > 0 && format != data.FormatCompound {
			roots[format] = all
		}
	}
	return roots, nil
}
