package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/cdproto/webauthn"
)

// cdpLink puts Chromium's virtual authenticators in the place of real ones.
type cdpLink struct{ realUI bool }

func (l cdpLink) tab(ctx context.Context, t *Tab) error {
	_, err := cdp.Call(ctx, t.target, webauthn.Enable, webauthn.EnableParams{EnableUI: &l.realUI})
	return err
}

func (cdpLink) worker(*target.Info)         {}
func (cdpLink) ready(context.Context) error { return nil }

// VirtualOptions describe a virtual authenticator of Chromium. The zero value
// is a roaming key without user verification that keeps no passkeys.
type VirtualOptions struct {
	// Transport is usb, nfc, ble, hybrid or internal; empty means internal.
	// A tab takes only one internal authenticator.
	Transport string

	ResidentKeys     bool // can keep discoverable credentials
	UserVerification bool // has a fingerprint reader or the like
	UserVerified     bool // and it recognises the user
	BackupEligible   bool // BE flag of credentials made from now on (WebAuthn L3 §6.1.3)
	BackedUp         bool // BS flag, likewise

	// Untouched has its user not touch it until [VirtualAuthenticator.SetAutomaticPresence]
	// says so. Otherwise it answers at once what waits already.
	Untouched bool
}

// Credential is a passkey of a virtual authenticator.
type Credential struct {
	ID                    []byte
	RPID                  string
	PrivateKey            []byte // PKCS #8; P-256, Ed25519 or RSA
	UserHandle            []byte
	UserName, DisplayName string
	SignCount             uint32
	Resident              bool
	BackupEligible        bool
	BackedUp              bool
}

// VirtualEvents are called when pages or the Signal API change a virtual
// authenticator's credentials. Each may be nil. They run on the goroutine that
// reads from the browser: they must return quickly and not call back into this
// package.
type VirtualEvents struct {
	Added    func(Credential)
	Asserted func(Credential) // with its new signature counter
	Updated  func(Credential)
	Deleted  func(credentialID []byte)
}

// VirtualAuthenticator is one of Chromium's own authenticators, plugged into
// one tab. It ends with the tab.
type VirtualAuthenticator struct {
	tab    *Tab
	id     webauthn.AuthenticatorID
	ignore context.CancelFunc // ends the delivery of events
}

// AddVirtualAuthenticator plugs an authenticator into the tab, whose context
// must have LinkCDP. It serves the page and the frames in it, not popups.
func (t *Tab) AddVirtualAuthenticator(ctx context.Context, o VirtualOptions, on VirtualEvents) (*VirtualAuthenticator, error) {
	if t.context.options.Link != LinkCDP {
		return nil, fmt.Errorf("virtual authenticators need link %q, this context has %q", LinkCDP, t.context.options.Link)
	}
	added, err := cdp.Call(ctx, t.target, webauthn.AddVirtualAuthenticator,
		webauthn.AddVirtualAuthenticatorParams{Options: o.chromium()})
	if err != nil {
		return nil, fmt.Errorf("add virtual authenticator: %w", err)
	}
	v := &VirtualAuthenticator{tab: t, id: added.AuthenticatorID}
	return v, v.watch(on)
}

func (o VirtualOptions) chromium() *webauthn.VirtualAuthenticatorOptions {
	transport := webauthn.AuthenticatorTransport(o.Transport)
	if transport == "" {
		transport = webauthn.AuthenticatorTransportInternal
	}
	return &webauthn.VirtualAuthenticatorOptions{
		Protocol:                 webauthn.AuthenticatorProtocolCtap2,
		Ctap2version:             webauthn.Ctap2versionCtap22,
		Transport:                transport,
		HasResidentKey:           o.ResidentKeys,
		HasUserVerification:      o.UserVerification,
		IsUserVerified:           o.UserVerified,
		DefaultBackupEligibility: o.BackupEligible,
		DefaultBackupState:       o.BackedUp,
		// The protocol defaults it to true but cdproto always sends it.
		AutomaticPresenceSimulation: !o.Untouched,
	}
}
