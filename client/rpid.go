package client

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/passkeylab/passkeylab/webauthn"
)

// RelatedOrigins answers whether the site behind rpID lists origin as one of
// its own (§5.11.1). An error counts as no.
type RelatedOrigins interface {
	Related(ctx context.Context, rpID, origin string) (bool, error)
}

// determineRPID checks the caller's origin and returns it with the RP ID that
// applies. asked is empty where the options name none.
func (c *Client) determineRPID(ctx context.Context, caller, asked string) (origin, rpID string, err error) {
	o, err := parseOrigin(caller)
	if err != nil {
		return "", "", notAllowed(err)
	}
	origin, rpID = o.String(), asked
	if rpID == "" {
		rpID = o.host
	}
	verdict := c.mayUse(ctx, o, rpID)
	if verdict = c.rpIDVerdict(origin, rpID, verdict); verdict != nil {
		return "", "", exceptionf(webauthn.SecurityError, "%v", verdict)
	}
	return origin, rpID, nil
}

// mayUse reports why the origin may not use the RP ID
// (#CreateCred-DetermineRpId, #GetAssn-DetermineRpId).
func (c *Client) mayUse(ctx context.Context, o tupleOrigin, rpID string) error {
	if !o.secure() {
		return fmt.Errorf("origin %s is not secure: passkeys need https, or http on localhost", o)
	}
	if err := checkDomain(o.host); err != nil {
		return fmt.Errorf("origin %s: %w", o, err)
	}
	if isRegistrableSuffixOrEqual(rpID, o.host) {
		return nil
	}
	if c.config.RelatedOrigins != nil {
		related, err := c.config.RelatedOrigins.Related(ctx, rpID, o.String())
		if err != nil {
			return fmt.Errorf("RP ID %q: asking for its related origins: %w", rpID, err)
		}
		if related {
			return nil
		}
	}
	return fmt.Errorf("RP ID %q is neither the domain of %s nor a registrable suffix of it", rpID, o)
}

// isRegistrableSuffixOrEqual is "is a registrable domain suffix of or is equal
// to" (HTML §7.1.1.2). host is a valid domain, so whole labels at its end are
// one too. Names are taken as they are: an RP ID that is not in its canonical
// spelling is refused, because authenticators hash the spelling.
func isRegistrableSuffixOrEqual(suffix, host string) bool {
	if suffix == host {
		return true
	}
	if !strings.HasSuffix(host, "."+suffix) {
		return false
	}
	public, _ := publicsuffix.PublicSuffix(host)
	// A suffix of the public suffix, or that itself, belongs to nobody.
	return suffix != public && !strings.HasSuffix(public, "."+suffix)
}
