package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// AddCredential stores a passkey as if it had been made there.
func (v *VirtualAuthenticator) AddCredential(ctx context.Context, c Credential) error {
	// cdproto's type always sends a member that Chromium takes for a request
	// of an extension the authenticator lacks.
	params := struct {
		AuthenticatorID webauthn.AuthenticatorID `json:"authenticatorId"`
		Credential      plainCredential          `json:"credential"`
	}{v.id, plainCredential{
		ID: c.ID, RPID: c.RPID, PrivateKey: c.PrivateKey, Resident: c.Resident, SignCount: c.SignCount,
		UserHandle: c.UserHandle, UserName: c.UserName, DisplayName: c.DisplayName,
		BackupEligible: c.BackupEligible, BackedUp: c.BackedUp,
	}}
	if err := v.tab.target.Call(ctx, webauthn.CommandAddCredential, params, nil); err != nil {
		return fmt.Errorf("add credential for %s: %w", c.RPID, err)
	}
	return nil
}

// plainCredential is a WebAuthn.Credential of the protocol without extensions.
type plainCredential struct {
	ID             []byte `json:"credentialId"`
	RPID           string `json:"rpId"`
	PrivateKey     []byte `json:"privateKey"`
	Resident       bool   `json:"isResidentCredential"`
	SignCount      uint32 `json:"signCount"`
	UserHandle     []byte `json:"userHandle,omitempty"`
	UserName       string `json:"userName,omitempty"`
	DisplayName    string `json:"userDisplayName,omitempty"`
	BackupEligible bool   `json:"backupEligibility"`
	BackedUp       bool   `json:"backupState"`
}

// Credentials lists the passkeys, in no particular order.
func (v *VirtualAuthenticator) Credentials(ctx context.Context) ([]Credential, error) {
	got, err := cdp.Call(ctx, v.tab.target, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: v.id})
	if err != nil {
		return nil, fmt.Errorf("list credentials: %w", err)
	}
	list := make([]Credential, len(got.Credentials))
	for i, c := range got.Credentials {
		list[i] = fromChromium(c)
	}
	return list, nil
}

// RemoveCredential deletes a passkey.
func (v *VirtualAuthenticator) RemoveCredential(ctx context.Context, id []byte) error {
	return control(ctx, v, "remove credential", webauthn.RemoveCredential,
		webauthn.RemoveCredentialParams{AuthenticatorID: v.id, CredentialID: id})
}

// SetUserVerified says whether the authenticator recognises its user from now
// on.
func (v *VirtualAuthenticator) SetUserVerified(ctx context.Context, verified bool) error {
	return control(ctx, v, "set user verified", webauthn.SetUserVerified,
		webauthn.SetUserVerifiedParams{AuthenticatorID: v.id, IsUserVerified: verified})
}

// SetAutomaticPresence says whether the user touches the authenticator at once
// or not at all. A request that already waits is not resumed by turning it on.
func (v *VirtualAuthenticator) SetAutomaticPresence(ctx context.Context, present bool) error {
	return control(ctx, v, "set presence", webauthn.SetAutomaticPresenceSimulation,
		webauthn.SetAutomaticPresenceSimulationParams{AuthenticatorID: v.id, Enabled: present})
}

// Faults are ways in which a virtual authenticator's answers can be wrong.
type Faults struct {
	BadSignature bool // the signature is zero
	NoUV         bool // the UV flag is missing
	NoUP         bool // the UP flag is missing
}

// SetFaults makes the authenticator answer wrongly from now on, or rightly
// again with the zero value.
func (v *VirtualAuthenticator) SetFaults(ctx context.Context, f Faults) error {
	return control(ctx, v, "set faults", webauthn.SetResponseOverrideBits,
		webauthn.SetResponseOverrideBitsParams{
			AuthenticatorID: v.id, IsBogusSignature: &f.BadSignature, IsBadUV: &f.NoUV, IsBadUP: &f.NoUP,
		})
}

// Remove unplugs the authenticator.
func (v *VirtualAuthenticator) Remove(ctx context.Context) error {
	v.ignore()
	return control(ctx, v, "remove virtual authenticator", webauthn.RemoveVirtualAuthenticator,
		webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: v.id})
}

// control sends a command about v that has no result.
func control[P any](ctx context.Context, v *VirtualAuthenticator, what string, command cdp.Command[P, cdp.Empty], params P) error {
	if _, err := cdp.Call(ctx, v.tab.target, command, params); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// watch delivers the events of v until it is removed.
func (v *VirtualAuthenticator) watch(on VirtualEvents) error {
	tell := func(id webauthn.AuthenticatorID, c *webauthn.Credential, notify func(Credential)) {
		if id == v.id && notify != nil && c != nil {
			notify(fromChromium(c))
		}
	}
	life, ignore := context.WithCancel(v.tab.life)
	v.ignore = ignore
	return chromedp.Listen(life, func(ev any) {
		switch e := ev.(type) {
		case *webauthn.EventCredentialAdded:
			tell(e.AuthenticatorID, e.Credential, on.Added)
		case *webauthn.EventCredentialAsserted:
			tell(e.AuthenticatorID, e.Credential, on.Asserted)
		case *webauthn.EventCredentialUpdated:
			tell(e.AuthenticatorID, e.Credential, on.Updated)
		case *webauthn.EventCredentialDeleted:
			if e.AuthenticatorID == v.id && on.Deleted != nil {
				on.Deleted(e.CredentialID)
			}
		}
	})
}

func fromChromium(c *webauthn.Credential) Credential {
	return Credential{
		ID:             c.CredentialID,
		RPID:           c.RpID,
		PrivateKey:     c.PrivateKey,
		UserHandle:     c.UserHandle,
		UserName:       c.UserName,
		DisplayName:    c.UserDisplayName,
		SignCount:      uint32(max(c.SignCount, 0)), // -1 means that there is no counter
		Resident:       c.IsResidentCredential,
		BackupEligible: c.BackupEligibility,
		BackedUp:       c.BackupState,
	}
}
