package client

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// authentication is one get() ceremony (§5.1.4).
type authentication struct {
	ceremony
	options    *webauthn.RequestOptions
	allow      []ctap.Descriptor
	restricted bool // allowCredentials was not empty, whatever is left of it

	extensions []authenticationExtension
	appID      string // U2F AppID that the allow list is looked up under, too
	exact      bool   // inputs depend on which credential will sign
	writesBlob bool
}

// authenticationSteps are the steps of [[DiscoverFromExternalSource]] before
// any authenticator is asked, in the order of §5.1.4.
var authenticationSteps = [...]func(*authentication) error{
	(*authentication).checkCall,
	func(op *authentication) error { return op.checkAborted() },
	(*authentication).checkAllowList,
	(*authentication).collect,
	(*authentication).processExtensions,
}

// Get answers navigator.credentials.get() of the calling page (§5.1.4). Errors
// are [*webauthn.DOMException] with the names that section allows. Cancelling
// ctx is the page's AbortSignal; a DOMException given as cause is thrown as
// it is. With mediation [Conditional] it returns when the user has picked a
// passkey, or when ctx ends; the timeout of the options does not apply.
func (c *Client) Get(ctx context.Context, caller Caller, options *webauthn.RequestOptions) (*webauthn.AuthenticationResponse, error) {
	op := &authentication{ceremony: ceremony{client: c, page: ctx, caller: caller, denialIsFailure: true}, options: options}
	for _, step := range authenticationSteps {
		if err := step(op); err != nil {
			return nil, err
		}
	}
	lifetime, cancel := op.start()
	defer cancel()
	response, err := op.perform(lifetime)
	if err != nil {
		return nil, failed(ctx, lifetime, err)
	}
	return c.authenticated(response), nil
}

// start starts the lifetime timer; conditional requests have none.
func (op *authentication) start() (context.Context, context.CancelFunc) {
	if op.caller.Mediation == Conditional {
		return op.page, func() {}
	}
	c := op.client.config
	return c.Deadline(op.page, c.Timeouts.lifetime(op.options.Timeout))
}

// perform is the asynchronous part up to the response.
func (op *authentication) perform(ctx context.Context) (*webauthn.AuthenticationResponse, error) {
	got, err := op.mediate(ctx)
	if err != nil {
		return nil, err
	}
	results, err := op.extensionResults(ctx, got)
	if err != nil {
		return nil, got.by.failure("extension results", err)
	}
	return op.respond(got, results), nil
}

func (op *authentication) mediate(ctx context.Context) (*assertion, error) {
	if op.caller.Mediation == Conditional {
		return op.autofill(ctx)
	}
	return op.run(ctx)
}

func (op *authentication) checkCall() error {
	if op.options == nil {
		return exceptionf(webauthn.NotSupportedError, "get() has no publicKey options")
	}
	return op.checkMediation()
}

func (op *authentication) checkAllowList() (err error) {
	op.restricted = len(op.options.AllowCredentials) > 0
	op.allow, err = descriptors("allowCredentials", op.options.AllowCredentials)
	return err
}

func (op *authentication) collect() error {
	return op.identify(webauthn.ClientDataGet, op.options.RPID, op.options.Challenge)
}

// run is the asynchronous part for a request that is not conditional.
func (op *authentication) run(ctx context.Context) (*assertion, error) {
	all, unfit := op.client.candidates(ctx)
	fit := all[:0]
	for _, a := range all {
		if err := op.qualifies(a); err != nil {
			unfit = errors.Join(unfit, a.failure("get()", err))
			continue
		}
		fit = append(fit, a)
	}
	orderByHints(fit, op.options.Hints)
	chosen, err := op.touchable(ctx, fit)
	if err != nil {
		return nil, err
	}
	if len(chosen) == 0 {
		return nil, errors.Join(errNobody, unfit)
	}
	first, err := contest(ctx, &op.ceremony, chosen, op.assert)
	if err != nil {
		return nil, errors.Join(err, unfit)
	}
	return op.chooseAccount(ctx, first)
}

// qualifies reports why the authenticator cannot take part.
func (op *authentication) qualifies(a *candidate) error {
	if op.options.UserVerification == webauthn.Required && !op.canVerify(a) {
		return errors.New("cannot verify the user")
	}
	if !op.restricted && !a.info.Option(ctap.OptionRK) {
		return errors.New("holds no discoverable credentials, and there is no allow list")
	}
	return nil
}

// respond constructs what the page gets (§5.2.2).
func (op *authentication) respond(got *assertion, results map[string]json.RawMessage) *webauthn.AuthenticationResponse {
	r := &webauthn.AuthenticationResponse{
		ID: got.id, RawID: got.id, Type: webauthn.PublicKeyCredentialType,
		Response: webauthn.AssertionResponse{
			ClientDataJSON:    op.clientDataJSON,
			AuthenticatorData: got.answer.AuthData,
			Signature:         got.answer.Signature,
		},
		AuthenticatorAttachment: got.by.attachment(),
		ClientExtensionResults:  results,
	}
	if got.answer.User != nil {
		r.Response.UserHandle = got.answer.User.ID
	}
	return r
}
