package passkeylab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/webauthn"
)

// hearing is what is in a device as pages reach it by the Signal API (WebAuthn L3
// §5.1.10). In a cloud it is the provider's app on the device, which decides as its
// [provider.Provider] says. A device without one does what the text recommends: it
// hides what a site does not accept, and shows it again when the site does. Security
// keys hear nothing.
type hearing struct{ device *Device }

var _ client.SignalReceiver = hearing{}

// Signal implements client.SignalReceiver.
func (h hearing) Signal(ctx context.Context, s webauthn.Signal) error {
	d := h.device
	var effects []provider.Effect
	var err error
	if d.cloud != nil && d.cloud.members[d].In() {
		effects = d.cloud.members[d].Signal(s)
	} else {
		effects, err = d.hear(ctx, s)
	}
	d.noteSignal(s, effects)
	return err
}

// noteSignal writes down a signal and what came of it, which no page learns.
func (d *Device) noteSignal(s webauthn.Signal, effects []provider.Effect) {
	told, _ := json.Marshal(s) // text and bytes always encode
	lines := []string{pretty(told)}
	for _, e := range effects {
		lines = append(lines, fmt.Sprintf("%s: %x", e.What, e.ID))
	}
	if len(effects) == 0 {
		lines = append(lines, "nothing changed")
	}
	d.lab.record.message(report.Message{
		From: theClient, To: d.name, Layer: layerWebAuthn, Name: s.Method(), Bytes: told, Decoded: strings.Join(lines, "\n"),
	})
}

// signalFailed writes down that a device could not do what a signal says.
func (d *Device) signalFailed(name string, err error) {
	d.lab.record.message(report.Message{From: name, To: name, Layer: layerWebAuthn, Name: "signal failed", Decoded: err.Error()})
}

// putAway is what a device without a provider has but does not show, because a site
// does not accept it.
type putAway struct {
	mu     sync.Mutex
	hidden map[string]*authenticator.Credential // by ID
}

// hear is the authenticator action of a signal on a device that has no provider.
func (d *Device) hear(ctx context.Context, s webauthn.Signal) ([]provider.Effect, error) {
	d.away.mu.Lock()
	defer d.away.mu.Unlock()
	shown, err := d.authenticator.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	held := append(shown, slices.Collect(maps.Values(d.away.hidden))...)
	slices.SortFunc(held, func(a, b *authenticator.Credential) int { return bytes.Compare(a.ID, b.ID) })
	var effects []provider.Effect
	for _, c := range held {
		if c.RPID != s.RelyingParty() {
			continue
		}
		what, err := d.obey(ctx, c, s)
		if err != nil {
			return effects, err
		}
		if what != "" {
			effects = append(effects, provider.Effect{ID: c.ID, What: what})
		}
	}
	return effects, nil
}

// obey does what a signal says of one passkey of the relying party.
func (d *Device) obey(ctx context.Context, c *authenticator.Credential, s webauthn.Signal) (provider.Happening, error) {
	_, hidden := d.away.hidden[string(c.ID)]
	switch s := s.(type) {
	case *webauthn.UnknownCredential:
		if bytes.Equal(s.CredentialID, c.ID) && !hidden {
			return provider.Hidden, d.hide(ctx, c)
		}
	case *webauthn.AllAcceptedCredentials:
		listed := slices.ContainsFunc(s.CredentialIDs, func(id webauthn.Base64URL) bool { return bytes.Equal(id, c.ID) })
		switch ofUser := bytes.Equal(s.UserID, c.User.ID); {
		case ofUser && !listed && !hidden:
			return provider.Hidden, d.hide(ctx, c)
		case ofUser && listed && hidden:
			delete(d.away.hidden, string(c.ID))
			return provider.Unhidden, d.authenticator.Import(ctx, c)
		}
	case *webauthn.CurrentUserDetails:
		known := s.Name == c.User.Name && s.DisplayName == c.User.DisplayName
		if bytes.Equal(s.UserID, c.User.ID) && !known {
			return provider.Renamed, d.rename(ctx, c, s.Name, s.DisplayName)
		}
	}
	return "", nil
}

func (d *Device) hide(ctx context.Context, c *authenticator.Credential) error {
	if d.away.hidden == nil {
		d.away.hidden = make(map[string]*authenticator.Credential)
	}
	d.away.hidden[string(c.ID)] = c
	return d.authenticator.Delete(ctx, c.ID)
}

// rename changes what a passkey's user is called, wherever the passkey is.
func (d *Device) rename(ctx context.Context, c *authenticator.Credential, name, displayName string) error {
	with := *c
	with.User.Name, with.User.DisplayName = name, displayName
	if _, hidden := d.away.hidden[string(c.ID)]; hidden {
		d.away.hidden[string(c.ID)] = &with
		return nil
	}
	return d.authenticator.Import(ctx, &with)
}

// HidesPasskeys checks how many passkeys a device has but does not offer, because a
// site has said that it does not accept them.
func (l *Lab) HidesPasskeys(d *Device, n int) {
	l.t.Helper()
	what := fmt.Sprintf("%s hides %d passkeys", d.name, n)
	if got := d.hiding(); got != n {
		l.fail(what, what, fmt.Sprintf("it hides %d", got))
	}
	l.record.step(what, nil)
}

// CallsItsUser checks by what display name a device shows the passkeys of an account.
func (l *Lab) CallsItsUser(d *Device, user, displayName string) {
	l.t.Helper()
	what := fmt.Sprintf("%s calls %s %q", d.name, user, displayName)
	held := 0
	for _, p := range d.Passkeys() {
		if p.User != user {
			continue
		}
		if held++; p.DisplayName != displayName {
			l.fail(what, what, fmt.Sprintf("it calls them %q", p.DisplayName))
		}
	}
	if held == 0 {
		l.fail(what, what, "it holds no passkey of theirs")
	}
	l.record.step(what, nil)
}

func (d *Device) hiding() int {
	if d.cloud != nil && d.cloud.members[d].In() {
		return len(d.cloud.members[d].HiddenPasskeys())
	}
	d.away.mu.Lock()
	defer d.away.mu.Unlock()
	return len(d.away.hidden)
}
