package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
)

// maxAccounts is how many accounts of one RP ID are fetched from an
// authenticator, whatever number it announces.
const maxAccounts = 256

// assertion is what an authenticator answered, and what it was asked.
type assertion struct {
	by      *candidate
	request *ctap.GetAssertionRequest
	answer  *ctap.GetAssertionResponse
	id      []byte          // of the credential
	proof   proof           // of user verification, that the request carried
	outputs ctap.Extensions // of the authenticator, signed and unsigned
	shared  *agreement      // that outputs are encrypted with; nil without such inputs
}

// assert has one authenticator sign ("issuing a credential request to an
// authenticator", §5.1.4.2).
func (op *authentication) assert(ctx context.Context, a *candidate) (*assertion, error) {
	if op.appID != "" {
		face, legacy, err := op.underAppID(ctx, a)
		if err != nil {
			return nil, err
		}
		if len(legacy) > 0 {
			return op.issue(ctx, face, op.appID, legacy)
		}
	}
	return op.issue(ctx, a, op.rpID, op.allow)
}

// issue obtains the proof of user verification that the request needs, and has
// it carried out with as much of the allow list as the authenticator takes.
func (op *authentication) issue(ctx context.Context, a *candidate, rpID string, allow []ctap.Descriptor) (*assertion, error) {
	n := op.needs(a, op.options.UserVerification)
	n.rpID, n.permissions = rpID, ctap.PermissionGetAssertion
	if op.writesBlob && a.storesLargeBlobs() {
		n.permissions |= ctap.PermissionLargeBlobWrite
		n.wanted = n.wanted || a.isProtected()
	}
	if op.restricted && len(a.plausible(allow)) == 0 {
		return nil, a.holdsNone()
	}
	return withProof(ctx, &op.ceremony, a, n, func(p proof) (got *assertion, err error) {
		if !op.restricted && len(allow) == 0 {
			return op.send(ctx, a, p, rpID, nil)
		}
		look := lookup{rpID: rpID, proof: p, exact: op.exact}
		err = op.withList(ctx, a, look, allow, func(list []ctap.Descriptor) (err error) {
			// An empty list would ask for any discoverable credential instead.
			if len(list) == 0 {
				return a.holdsNone()
			}
			got, err = op.send(ctx, a, p, rpID, list)
			return err
		})
		return got, err
	})
}

func (a *candidate) holdsNone() error {
	return a.failure("get()", errors.New("holds none of allowCredentials"))
}

// send maps the options to CTAP (CTAP 2.3 §6.2.1), has the request carried out
// and checks the answer.
func (op *authentication) send(ctx context.Context, a *candidate, p proof, rpID string, allow []ctap.Descriptor) (*assertion, error) {
	req := &ctap.GetAssertionRequest{RPID: rpID, ClientDataHash: op.clientDataHash[:], AllowList: allow, Options: p.options()}
	req.PinUvAuthParam, req.PinUvAuthProtocol = p.over(req.ClientDataHash)
	got := &assertion{by: a, request: req, proof: p}
	for _, e := range op.extensions {
		if e.input == nil {
			continue
		}
		if err := e.input(ctx, got); err != nil {
			return nil, a.failure(e.id, err)
		}
	}
	answer, err := ctap.Call(ctx, a.Transport, req)
	if err != nil {
		return nil, a.failure("getAssertion", err)
	}
	return op.believed(got, answer)
}

// believed completes an assertion with an answer that passes the checks.
func (op *authentication) believed(got *assertion, answer *ctap.GetAssertionResponse) (*assertion, error) {
	got.answer = answer
	switch {
	case answer.Credential != nil:
		got.id = answer.Credential.ID
	case len(got.request.AllowList) == 1: // then it may be left out (CTAP 2.3 §6.2.2)
		got.id = got.request.AllowList[0].ID
	}
	if err := op.check(got); err != nil {
		return nil, got.by.failure("the answer to getAssertion is not to be believed", err)
	}
	return got, nil
}

// chooseAccount lets the user choose when the authenticator holds several
// accounts and had no display of its own to ask on.
func (op *authentication) chooseAccount(ctx context.Context, first *assertion) (*assertion, error) {
	if op.restricted || first.answer.UserSelected || first.answer.NumberOfCredentials < 2 {
		return first, nil
	}
	all, err := op.rest(ctx, first)
	if err != nil {
		return nil, err
	}
	accounts := make([]Account, len(all))
	for i, got := range all {
		accounts[i] = got.account()
	}
	pick, err := op.client.config.User.ChooseAccount(ctx, op.rpID, accounts)
	if err != nil {
		return nil, fmt.Errorf("choosing among %d accounts: %w", len(all), err)
	}
	if pick < 0 || pick >= len(all) {
		return nil, fmt.Errorf("choosing among %d accounts: pick %d is no such index", len(all), pick)
	}
	return all[pick], nil
}

// rest fetches the other assertions at once, because the authenticator keeps
// them for 30 seconds only (CTAP 2.3 §6.3).
func (op *authentication) rest(ctx context.Context, first *assertion) ([]*assertion, error) {
	all := []*assertion{first}
	for uint64(len(all)) < min(first.answer.NumberOfCredentials, maxAccounts) {
		answer, err := ctap.Call(ctx, first.by.Transport, &ctap.GetNextAssertionRequest{})
		if err != nil {
			return nil, first.by.failure("getNextAssertion", err)
		}
		same := &assertion{by: first.by, request: first.request, proof: first.proof, shared: first.shared}
		next, err := op.believed(same, answer)
		if err != nil {
			return nil, err
		}
		all = append(all, next)
	}
	return all, nil
}

// account is how the user gets to see the assertion.
func (got *assertion) account() Account {
	shown := Account{Authenticator: got.by.Name, CredentialID: got.id}
	if u := got.answer.User; u != nil {
		shown.UserHandle, shown.Name, shown.DisplayName = u.ID, u.Name, u.DisplayName
	}
	return shown
}
