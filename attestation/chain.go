package attestation

import "crypto/x509"

// chained is what the drafts of statements with a certificate have in common.
type chained struct {
	about     *Subject
	leaf      leaf
	statement statement

	// superior, unless nil, puts another issuer in place of the leaf's own.
	superior func(issuer *Authority) (*Authority, error)
	// rearrange, unless nil, changes the certificates when they are issued. The
	// authority is the one that issued the leaf.
	rearrange func(x5c [][]byte, issuer *Authority) [][]byte
}

// x5c issues the certificates of the statement.
func (c *chained) x5c() ([][]byte, error) {
	if c.superior != nil {
		var err error
		if c.leaf.issuer, err = c.superior(c.leaf.issuer); err != nil {
			return nil, err
		}
	}
	x5c, err := c.leaf.x5c()
	if err == nil && c.rearrange != nil {
		x5c = c.rearrange(x5c, c.leaf.issuer)
	}
	return x5c, err
}

// below returns an authority that is not a root: issuer, or one below it.
func below(issuer *Authority) (*Authority, error) {
	if issuer.above != nil {
		return issuer, nil
	}
	return issuer.Intermediate(named(
		attribute{Type: organization, Value: "Passkeylab"}, attribute{Type: commonName, Value: "Passkeylab Test Attestation Intermediate"},
	), issuer.key.Algorithm, nil)
}

// changedSuperior gives the leaf an issuer that is not a root, and whose
// certificate is what change makes of it.
func changedSuperior(change func(*chained, *x509.Certificate)) func(*chained) {
	return func(c *chained) {
		c.superior = func(issuer *Authority) (*Authority, error) {
			issuer, err := below(issuer)
			if err != nil {
				return nil, err
			}
			return issuer.lookalike(issuer.above, func(t *x509.Certificate) { change(c, t) })
		}
	}
}
