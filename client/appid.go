package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"golang.org/x/net/publicsuffix"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/jsontext"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Credentials that the U2F API made are bound to the hash of an AppID, a URL
// (§10.1.1, §10.1.2). They are asked for by U2F where the authenticator still
// speaks it. One that speaks CTAP2 alone finds them when the AppID stands where
// the RP ID stands otherwise.

// prepareAppID has the allow list looked up under the AppID, too.
func prepareAppID(op *authentication, input json.RawMessage) (_ authenticationExtension, err error) {
	if op.appID, err = op.readAppID("appid", input); err != nil {
		return authenticationExtension{}, err
	}
	return authenticationExtension{output: func(_ context.Context, got *assertion) (any, error) {
		return got.request.RPID != op.rpID, nil
	}}, nil
}

// refuseAppID rejects appid in create(), where it is not defined. WebAuthn
// would ignore it; Chromium throws.
func refuseAppID(*creation, json.RawMessage) (registrationExtension, error) {
	return registrationExtension{}, exceptionf(webauthn.NotSupportedError, "appid is an extension of get(), not of create()")
}

// prepareAppIDExclude has the exclude list looked up under the AppID, too.
func prepareAppIDExclude(op *creation, input json.RawMessage) (_ registrationExtension, err error) {
	if op.appIDExclude, err = op.readAppID("appidExclude", input); err != nil {
		return registrationExtension{}, err
	}
	return registrationExtension{output: func(*newCredential) (any, error) { return true, nil }}, nil
}

// readAppID reads an AppID that the caller may use. An empty one is the
// caller's own origin.
func (c *ceremony) readAppID(id string, input json.RawMessage) (appID string, err error) {
	if err := readInput(id, input, func(r *jsontext.Reader) { appID = r.String() }); err != nil {
		return "", err
	}
	origin, err := parseOrigin(c.caller.Origin)
	if err != nil {
		return "", notAllowed(err)
	}
	if facet := origin.String(); appID == "" || appID == facet {
		return facet, nil
	}
	u, err := url.Parse(appID)
	if err != nil || u.Scheme == "" || u.Hostname() == "" {
		return "", exceptionf(webauthn.SyntaxError, "%s %q is not a URL", id, appID)
	}
	if u.Scheme != "https" || origin.scheme != "https" || !sameSite(u.Hostname(), origin.host) {
		return "", exceptionf(webauthn.SecurityError, "%s %q is not of the same site as %s", id, appID, origin)
	}
	return appID, nil
}

// sameSite reports whether two hosts have the same registrable domain. Browsers
// are content with that; the list of facets behind an AppID is not fetched.
func sameSite(a, b string) bool {
	if a == b {
		return true
	}
	siteA, err := publicsuffix.EffectiveTLDPlusOne(a)
	if err != nil {
		return false
	}
	siteB, err := publicsuffix.EffectiveTLDPlusOne(b)
	return err == nil && siteA == siteB
}

// underAppID returns a credential of the allow list that the authenticator
// holds under the AppID, if it holds none under the RP ID, and the authenticator
// as it is to be asked for it. That comes before any token, which is good for one
// of the two only.
func (op *authentication) underAppID(ctx context.Context, a *candidate) (*candidate, []ctap.Descriptor, error) {
	list := a.plausible(op.allow)
	if held, err := op.probe(ctx, a, lookup{rpID: op.rpID}, list); err != nil || len(held) > 0 {
		return nil, nil, err
	}
	if a.alsoU2F() && op.options.UserVerification != webauthn.Required {
		a = op.client.overU2F(a)
	}
	held, err := op.probe(ctx, a, lookup{rpID: op.appID}, list)
	return a, held, err
}

// excludeByAppID answers as the authenticator would if it knew of the AppID:
// after a touch, so that nobody learns of credentials without one (§14.5.1).
func (op *creation) excludeByAppID(ctx context.Context, a *candidate) error {
	if op.appIDExclude == "" || len(op.exclude) == 0 {
		return nil
	}
	if a.alsoU2F() {
		a = op.client.overU2F(a)
	}
	held, err := op.probe(ctx, a, lookup{rpID: op.appIDExclude}, a.plausible(op.exclude))
	if err != nil || len(held) == 0 {
		return err
	}
	if err := a.touch(ctx); err != nil {
		return err
	}
	return fmt.Errorf("made for %s: %w", op.appIDExclude, ctap.CredentialExcluded)
}
