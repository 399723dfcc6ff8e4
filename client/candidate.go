package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// infoPatience is how long one of several authenticators may take to say what
// it is. A stuck one must not use up the lifetime of the ceremony; a single
// one may, since there is nothing else to wait for.
const infoPatience = 2 * time.Second

// candidate is an authenticator that takes part in a ceremony, with what it
// says about itself.
type candidate struct {
	*Authenticator
	info *ctap.GetInfoResponse

	shared *agreement // nil until it is needed
	pin    string     // as the user has typed it in this ceremony
}

// candidates asks every available authenticator what it is, unless that is
// known already. Those that give no useful answer are left out and become part
// of the returned cause.
func (c *Client) candidates(ctx context.Context) ([]*candidate, error) {
	available := c.config.Authenticators()
	if len(available) == 1 {
		one := &candidate{Authenticator: &available[0]}
		if err := c.introduce(ctx, one); err != nil {
			return nil, err
		}
		return []*candidate{one}, nil
	}
	all := make([]*candidate, len(available))
	failures := make([]error, len(available))
	var asked sync.WaitGroup
	for i := range available {
		all[i] = &candidate{Authenticator: &available[i]}
		asked.Go(func() {
			patience, cancel := c.config.Deadline(ctx, infoPatience)
			defer cancel()
			if failures[i] = c.introduce(patience, all[i]); failures[i] != nil {
				all[i] = nil
			}
		})
	}
	asked.Wait()
	return slices.DeleteFunc(all, func(a *candidate) bool { return a == nil }), errors.Join(failures...)
}

// introduce finds out what an authenticator is, by CTAP2 if it can.
func (c *Client) introduce(ctx context.Context, a *candidate) error {
	if a.Transport == nil && a.U2F == nil {
		return a.failure("getInfo", errors.New("it has no transport"))
	}
	if a.Transport == nil {
		*a = *c.overU2F(a)
	}
	if a.info = a.Info; a.info != nil {
		return nil
	}
	info, err := ctap.Call(ctx, a.Transport, &ctap.GetInfoRequest{})
	if err != nil && a.U2F != nil && ctx.Err() == nil {
		failure := err
		*a = *c.overU2F(a)
		if info, err = ctap.Call(ctx, a.Transport, &ctap.GetInfoRequest{}); err != nil {
			err = errors.Join(failure, err)
		}
	}
	if err != nil {
		return a.failure("getInfo", err)
	}
	a.info = info
	return nil
}

// failure names the authenticator and what it was asked in a cause.
func (a *candidate) failure(what string, err error) error {
	return fmt.Errorf("%s: %s: %w", a.Name, what, err)
}

// attachment is the authenticator attachment modality (§6.2.1).
func (a *candidate) attachment() webauthn.Attachment {
	switch {
	case a.Attachment != "":
		return a.Attachment
	case a.info.Option(ctap.OptionPlat):
		return webauthn.Platform
	}
	return webauthn.CrossPlatform
}

// supports reports whether getInfo lists the version.
func (a *candidate) supports(version string) bool { return slices.Contains(a.info.Versions, version) }

// lists reports whether getInfo lists the authenticator extension.
func (a *candidate) lists(extension string) bool {
	return slices.Contains(a.info.Extensions, extension)
}

// cable is what phones call hybrid transports for clients from before they had
// that name.
const cable = "cable"

// transports lists what getInfo says, sorted and unique (§5.2.1).
func (a *candidate) transports() []string {
	if len(a.info.Transports) == 0 && a.attachment() == webauthn.Platform {
		return []string{webauthn.TransportInternal}
	}
	sorted := append([]string{}, a.info.Transports...)
	for i, transport := range sorted {
		if transport == cable {
			sorted[i] = webauthn.TransportHybrid
		}
	}
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// matches reports whether the authenticator is of the kind a hint names
// (§5.8.7).
func (a *candidate) matches(hint string) bool {
	hybrid := slices.Contains(a.info.Transports, webauthn.TransportHybrid)
	switch hint {
	case webauthn.HintClientDevice:
		return a.attachment() == webauthn.Platform
	case webauthn.HintSecurityKey:
		return a.attachment() == webauthn.CrossPlatform && !hybrid
	case webauthn.HintHybrid:
		return a.attachment() == webauthn.CrossPlatform && hybrid
	}
	return false
}

// orderByHints moves those that an earlier hint names to the front and leaves
// the rest as it was. Hints never exclude anybody (§5.8.7).
func orderByHints(all []*candidate, hints []string) {
	if len(hints) == 0 || len(all) < 2 {
		return
	}
	rank := func(a *candidate) int {
		if i := slices.IndexFunc(hints, a.matches); i >= 0 {
			return i
		}
		return len(hints)
	}
	slices.SortStableFunc(all, func(a, b *candidate) int { return rank(a) - rank(b) })
}

// touchable lets the user say which of several authenticators to use.
func (c *ceremony) touchable(ctx context.Context, all []*candidate) ([]*candidate, error) {
	if len(all) < 2 {
		return all, nil
	}
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Name
	}
	picks, err := c.client.config.User.ChooseAuthenticators(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("choosing among %d authenticators: %w", len(all), err)
	}
	chosen := make([]*candidate, 0, len(picks))
	for _, i := range picks {
		if i < 0 || i >= len(all) || slices.Contains(chosen, all[i]) {
			return nil, fmt.Errorf("choosing among %d authenticators: the picks %v are no such indices, or not distinct", len(all), picks)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}
