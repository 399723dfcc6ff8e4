package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// creation is one create() ceremony (§5.1.3).
type creation struct {
	ceremony
	options    *webauthn.CreationOptions
	algorithms []ctap.Parameters
	exclude    []ctap.Descriptor

	extensions     []registrationExtension
	appIDExclude   string // U2F AppID that the exclude list is looked up under, too
	needsLargeBlob bool   // which discoverable credentials alone can have
}

// creationSteps are the steps of [[Create]] before any authenticator is asked,
// in the order of §5.1.3, so that the exceptions come in its order.
var creationSteps = [...]func(*creation) error{
	(*creation).checkCall,
	(*creation).checkUser,
	(*creation).checkExcludeList,
	(*creation).collect,
	(*creation).chooseAlgorithms,
	(*creation).processExtensions,
	func(op *creation) error { return op.checkAborted() },
	(*creation).checkConsent,
}

// Create answers navigator.credentials.create() of the calling page (§5.1.3).
// Errors are [*webauthn.DOMException] with the names that section allows.
// Cancelling ctx is the page's AbortSignal; a DOMException given as cause is
// thrown as it is.
func (c *Client) Create(ctx context.Context, caller Caller, options *webauthn.CreationOptions) (*webauthn.RegistrationResponse, error) {
	op := &creation{ceremony: ceremony{client: c, page: ctx, caller: caller, offersPIN: true}, options: options}
	for _, step := range creationSteps {
		if err := step(op); err != nil {
			return nil, err
		}
	}
	lifetime, cancel := c.config.Deadline(ctx, c.config.Timeouts.lifetime(options.Timeout))
	defer cancel()
	response, err := op.run(lifetime)
	if err != nil {
		return nil, failed(ctx, lifetime, err)
	}
	return c.registered(response), nil
}

func (op *creation) checkCall() error {
	if op.options == nil {
		return exceptionf(webauthn.NotSupportedError, "create() has no publicKey options")
	}
	if op.caller.Mediation != Conditional {
		return op.checkMediation()
	}
	if op.caller.CrossOrigin {
		return notAllowedf("conditional create() in a frame of another origin")
	}
	return nil
}

func (op *creation) checkUser() error {
	if n := len(op.options.User.ID); n < 1 || n > 64 {
		return exceptionf(webauthn.TypeError, "user.id has %d bytes, it must have 1 to 64", n)
	}
	return nil
}

func (op *creation) checkExcludeList() (err error) {
	op.exclude, err = descriptors("excludeCredentials", op.options.ExcludeCredentials)
	return err
}

func (op *creation) collect() error {
	return op.identify(webauthn.ClientDataCreate, op.options.RP.ID, op.options.Challenge)
}

// chooseAlgorithms keeps the entries of a known type, in their order; without
// any entry at all, ES256 and RS256 are meant.
func (op *creation) chooseAlgorithms() error {
	asked := op.options.PubKeyCredParams
	if len(asked) == 0 {
		op.algorithms = []ctap.Parameters{
			{Type: ctap.PublicKey, Algorithm: int64(webauthn.ES256)},
			{Type: ctap.PublicKey, Algorithm: int64(webauthn.RS256)},
		}
		return nil
	}
	op.algorithms = make([]ctap.Parameters, 0, len(asked))
	for _, p := range asked {
		if p.Type == webauthn.PublicKeyCredentialType {
			op.algorithms = append(op.algorithms, ctap.Parameters{Type: ctap.PublicKey, Algorithm: int64(p.Algorithm)})
		}
	}
	if len(op.algorithms) == 0 {
		return exceptionf(webauthn.NotSupportedError, "none of the %d pubKeyCredParams is of type %q", len(asked), webauthn.PublicKeyCredentialType)
	}
	return nil
}

// run is the asynchronous part (#CreateCred-async-loop): it finds the
// authenticators that qualify, has them asked, and constructs the response.
func (op *creation) run(ctx context.Context) (*webauthn.RegistrationResponse, error) {
	all, unfit := op.client.candidates(ctx)
	fit := all[:0]
	for _, a := range all {
		if err := op.qualifies(a); err != nil {
			unfit = errors.Join(unfit, a.failure("create()", err))
			continue
		}
		fit = append(fit, a)
	}
	orderByHints(fit, op.options.Hints)
	made, err := op.decide(ctx, fit)
	if err != nil {
		return nil, errors.Join(err, unfit)
	}
	return op.respond(made)
}

// decide has one of the authenticators that qualify make the credential.
func (op *creation) decide(ctx context.Context, fit []*candidate) (*newCredential, error) {
	if op.absent {
		return op.makeSilently(ctx, fit)
	}
	chosen, err := op.touchable(ctx, fit)
	if err != nil {
		return nil, err
	}
	if len(chosen) == 0 {
		return nil, errNobody
	}
	return contest(ctx, &op.ceremony, chosen, op.make)
}

// qualifies reports why the authenticator cannot take part.
func (op *creation) qualifies(a *candidate) error {
	want := op.options.AuthenticatorSelection
	switch want.AuthenticatorAttachment {
	case webauthn.Platform, webauthn.CrossPlatform: // unknown values count as absent (§2.1.1)
		if want.AuthenticatorAttachment != a.attachment() {
			return errors.New("is of the other attachment")
		}
	}
	if op.residentKey() == webauthn.Required && !a.info.Option(ctap.OptionRK) {
		return errors.New("cannot hold discoverable credentials")
	}
	if want.UserVerification == webauthn.Required && !op.canVerify(a) {
		return errors.New("cannot verify the user")
	}
	for _, e := range op.extensions {
		if e.unfit == nil {
			continue
		}
		if err := e.unfit(a); err != nil {
			return fmt.Errorf("%s: %w", e.id, err)
		}
	}
	return nil
}

// residentKey is the requirement that applies when requireResidentKey, kept
// for Level 1 pages, is taken into account (§5.4.4).
func (op *creation) residentKey() webauthn.Requirement {
	selection := op.options.AuthenticatorSelection
	if selection.RequireResidentKey {
		return selection.ResidentKey.Or(webauthn.Required)
	}
	return selection.ResidentKey.Or(webauthn.Discouraged)
}

// needsDiscoverable reports whether a credential that is not discoverable is
// of no use.
func (op *creation) needsDiscoverable() bool {
	return op.residentKey() == webauthn.Required || op.needsLargeBlob
}

// respond constructs what the page gets (§5.2.1).
func (op *creation) respond(made *newCredential) (*webauthn.RegistrationResponse, error) {
	object, authData := op.convey(made)
	key, algorithm, err := publicKeyOf(made.authData.Attested.PublicKey)
	if err != nil {
		return nil, made.by.failure("public key", err)
	}
	results, err := op.extensionResults(made)
	if err != nil {
		return nil, made.by.failure("extension results", err)
	}
	id := made.authData.Attested.CredentialID
	return &webauthn.RegistrationResponse{
		ID: id, RawID: id, Type: webauthn.PublicKeyCredentialType,
		Response: webauthn.AttestationResponse{
			ClientDataJSON:     op.clientDataJSON,
			AuthenticatorData:  authData,
			Transports:         made.by.transports(),
			PublicKey:          key,
			PublicKeyAlgorithm: algorithm,
			AttestationObject:  object,
		},
		AuthenticatorAttachment: made.by.attachment(),
		ClientExtensionResults:  results,
	}, nil
}
