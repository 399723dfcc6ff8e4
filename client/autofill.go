package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// suggestion is a discoverable credential that autofill offers.
type suggestion struct {
	by      *candidate
	account Account
}

// autofill serves a conditional request
// (#GetAssn-ConditionalMediation-Interact-FormControl). It never settles
// merely because nothing is found or a pick fails (§14.5.2): the page learns
// nothing until the user signs in or the page gives up.
func (op *authentication) autofill(ctx context.Context) (*assertion, error) {
	op.alone = true // whichever is picked
	offered := op.discover(ctx)
	if len(offered) == 0 {
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}
	accounts := make([]Account, len(offered))
	for i, s := range offered {
		accounts[i] = s.account
	}
	for {
		pick, err := op.client.config.User.PickPasskey(ctx, op.rpID, accounts)
		if err != nil {
			return nil, fmt.Errorf("picking from autofill: %w", err)
		}
		if pick < 0 || pick >= len(offered) {
			return nil, fmt.Errorf("picking from autofill: pick %d is none of %d passkeys", pick, len(offered))
		}
		picked := offered[pick]
		got, err := op.issue(ctx, picked.by, op.rpID, []ctap.Descriptor{{Type: ctap.PublicKey, ID: picked.account.CredentialID}})
		if err == nil {
			return got, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
	}
}

// discover lists what autofill offers. An authenticator that cannot say, or
// could not serve a pick, is left out.
func (op *authentication) discover(ctx context.Context) []suggestion {
	all, _ := op.client.candidates(ctx)
	var offered []suggestion
	for _, a := range all {
		if op.options.UserVerification == webauthn.Required && !op.canVerify(a) {
			continue
		}
		found, err := op.discoverOn(ctx, a)
		if err != nil {
			continue
		}
		for _, account := range found {
			account.Authenticator = a.Name
			if !op.restricted || find(op.allow, account.CredentialID) >= 0 {
				offered = append(offered, suggestion{a, account})
			}
		}
	}
	return offered
}

// discoverOn is silentCredentialDiscovery (§6.3.5) on one authenticator.
func (op *authentication) discoverOn(ctx context.Context, a *candidate) ([]Account, error) {
	switch {
	case a.Discover != nil:
		return a.Discover(ctx, op.rpID)
	case a.attachment() == webauthn.Platform && a.info.Option(ctap.OptionRK):
		return op.discoverOverCTAP(ctx, a)
	}
	return nil, nil
}

// discoverOverCTAP asks for assertions that need no gesture.
func (op *authentication) discoverOverCTAP(ctx context.Context, a *candidate) ([]Account, error) {
	answer, err := ctap.Call(ctx, a.Transport, silently(lookup{rpID: op.rpID}, nil))
	var found []Account
	for total := uint64(1); err == nil; {
		if answer.Credential == nil || answer.User == nil {
			return nil, errors.New("an answer names no credential or no user")
		}
		got := assertion{by: a, answer: answer, id: answer.Credential.ID}
		found = append(found, got.account())
		if len(found) == 1 {
			total = min(answer.NumberOfCredentials, maxAccounts)
		}
		if uint64(len(found)) >= total {
			return found, nil
		}
		answer, err = ctap.Call(ctx, a.Transport, &ctap.GetNextAssertionRequest{})
	}
	return nil, err
}
