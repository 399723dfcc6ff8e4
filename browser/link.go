package browser

import (
	"context"
	"encoding/json"
	"fmt"
)

// Link is the way by which a device gets into the pages of a Context.
type Link string

const (
	// LinkNone leaves WebAuthn to Chromium and whatever the machine offers.
	LinkNone Link = ""

	// LinkProxy lets Chromium check and build everything, and asks the
	// Answerer through an extension. Modal ceremonies only.
	LinkProxy Link = "proxy"

	// LinkCDP uses Chromium's own virtual authenticator, see
	// [Tab.AddVirtualAuthenticator]. It alone opens the real autofill popup.
	LinkCDP Link = "cdp"

	// LinkBridge replaces navigator.credentials by a script that asks the
	// Answerer. It carries conditional mediation and the Signal API.
	LinkBridge Link = "bridge"
)

// Links are the links this package can put into a Context.
func Links() []Link { return []Link{LinkProxy, LinkCDP, LinkBridge} }

// UnknownLinkError reports a link that this package does not carry.
type UnknownLinkError struct{ Link Link }

func (e *UnknownLinkError) Error() string {
	return fmt.Sprintf("link %q is not one a browser context can have; use one of %q", e.Link, Links())
}

// Request is one call of navigator.credentials.create or .get by a page.
type Request struct {
	// Origin is the origin of the calling frame as the browser states it;
	// the page has no influence on it.
	Origin string

	// CrossOrigin says that the frame is not same-origin with all of its
	// ancestors (WebAuthn L3 §5.8.1, crossOrigin).
	CrossOrigin bool

	// TopOrigin is the origin of the page that the frame is in. It is set
	// only when CrossOrigin is, and only where the link can tell.
	TopOrigin string

	// Mediation is the page's mediation requirement, such as "conditional".
	// It is empty when the page gave none or the link cannot see it.
	Mediation string

	// Options is a PublicKeyCredentialCreationOptionsJSON or a
	// PublicKeyCredentialRequestOptionsJSON (§5.1.8, §5.1.9).
	Options json.RawMessage
}

// Answerer stands behind navigator.credentials in the pages of one Context.
//
// Both methods may be called concurrently. ctx ends when the page aborts the
// request or goes away, when its timeout runs out, or when the Context closes;
// an answer that comes later is thrown away.
//
// An error that wraps a *webauthn.DOMException reaches the page under that name.
// Any other error becomes a NotAllowedError whose message is constant, because
// pages must not learn why (§14.5).
type Answerer interface {
	// Create returns a RegistrationResponseJSON (§5.1.7).
	Create(ctx context.Context, r Request) (json.RawMessage, error)

	// Get returns an AuthenticationResponseJSON (§5.1.7). With mediation
	// "conditional" it is to wait until its user picks a passkey.
	Get(ctx context.Context, r Request) (json.RawMessage, error)
}

// SignalKind names a method of the Signal API (§5.1.10).
type SignalKind string

const (
	SignalUnknownCredential      SignalKind = "signalUnknownCredential"
	SignalAllAcceptedCredentials SignalKind = "signalAllAcceptedCredentials"
	SignalCurrentUserDetails     SignalKind = "signalCurrentUserDetails"
)

// Signal is what a page said about the credentials it knows.
type Signal struct {
	Origin  string // of the calling frame, as the browser states it
	Kind    SignalKind
	Options json.RawMessage // the argument of the method, with base64url members
}

// SignalReceiver is implemented by an Answerer that wants to hear signals. Only
// the bridge link delivers them. An error that wraps a *webauthn.DOMException
// rejects the page's promise; any other is kept from the page (§14.6.4).
type SignalReceiver interface {
	Signal(ctx context.Context, s Signal) error
}
