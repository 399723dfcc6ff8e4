package authenticator

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// maxUserID is the longest user handle in bytes (WebAuthn L3 §5.4.3).
const maxUserID = 64

// makeCredential is authenticatorMakeCredential (CTAP 2.3 §6.1.2) in progress.
type makeCredential struct {
	a   *Authenticator
	req *ctap.MakeCredentialRequest
	now standing
	consent

	algorithm  webauthn.Algorithm
	rk, uv     bool // the options after steps 5 and 6
	enterprise bool // decided in step 9
	due        []produce

	key        *key
	credential *Credential
	signCount  uint32
	resp       ctap.MakeCredentialResponse
}

// Step 4 is the zero value of consent, step 10 the early return of "11".
var makeCredentialSteps = []step[*makeCredential]{
	{"0 (message)", (*makeCredential).checkMessage},
	{"1", (*makeCredential).checkZeroLength},
	{"2", (*makeCredential).checkProtocol},
	{"3", (*makeCredential).chooseAlgorithm},
	{"5", (*makeCredential).readOptions},
	{"6", (*makeCredential).obeyAlwaysUv},
	{"7 and 8", (*makeCredential).requireVerification},
	{"9", (*makeCredential).decideEnterpriseAttestation},
	{"11", (*makeCredential).verifyUser},
	{"12", (*makeCredential).refuseExcluded},
	{"13 and 14", (*makeCredential).testPresence},
	{"15", (*makeCredential).readExtensions},
	{"16", (*makeCredential).generateKey},
	{"17 and 18", (*makeCredential).keep},
	{"19", (*makeCredential).attest},
}

func (a *Authenticator) makeCredential(ctx context.Context, req *ctap.MakeCredentialRequest) (any, error) {
	held, err := a.env.Store.Load(ctx)
	if err != nil {
		return nil, withStatus(err)
	}
	op := &makeCredential{a: a, req: req, now: a.model.standing(&held.Settings)}
	if err := follow(ctx, a.active, "6.1.2", op, makeCredentialSteps); err != nil {
		return nil, err
	}
	return &op.resp, nil
}

func (op *makeCredential) checkMessage(context.Context) error {
	if n := len(op.req.User.ID); n == 0 || n > maxUserID {
		return ctap.Errorf(ctap.InvalidLength, "user.id of %d bytes, want 1 to %d", n, maxUserID)
	}
	return op.a.checkMessage(op.req.ClientDataHash, op.req.ExcludeList)
}

func (op *makeCredential) checkZeroLength(ctx context.Context) error {
	return op.a.checkZeroLength(ctx, op.req.PinUvAuthParam, op.now.pinSet)
}

func (op *makeCredential) checkProtocol(context.Context) error {
	return op.a.checkProtocol(op.req.PinUvAuthParam, op.req.PinUvAuthProtocol)
}

// chooseAlgorithm takes the first element that is supported: the order is the
// relying party's, the device's own preference only informs getInfo. Elements
// were checked for their members (3.1.1, 3.1.2) when the message was decoded.
func (op *makeCredential) chooseAlgorithm(context.Context) error {
	for _, p := range op.req.PubKeyCredParams {
		if alg := webauthn.Algorithm(p.Algorithm); p.Type == ctap.PublicKey && slices.Contains(op.a.model.Algorithms, alg) {
			op.algorithm = alg
			return nil
		}
	}
	return ctap.Errorf(ctap.UnsupportedAlgorithm, "none of pubKeyCredParams is among %v", op.a.model.Algorithms)
}

func (op *makeCredential) readOptions(context.Context) (err error) {
	if op.uv, err = checkUVOption(op.req.Options, op.req.PinUvAuthParam, op.now.uv); err != nil || op.req.Options == nil {
		return err
	}
	if rk := op.req.Options.RK; rk != nil { // 5.4, 5.5
		if !op.a.model.ResidentKeys {
			return ctap.Errorf(ctap.UnsupportedOption, "option rk, though getInfo does not list it")
		}
		op.rk = *rk
	}
	if up := op.req.Options.UP; up != nil && !*up { // 5.6
		return ctap.Errorf(ctap.InvalidOption, "option up is false")
	}
	return nil
}

// obeyAlwaysUv has every request verify the user. Its first sub-step is done by
// standing.
func (op *makeCredential) obeyAlwaysUv(context.Context) error {
	switch {
	case op.a.model.UV == UVAlways && op.req.PinUvAuthParam == nil:
		op.uv = true
		return nil
	case !op.now.alwaysUv, op.now.protected() && op.req.PinUvAuthParam != nil:
		return nil
	case op.now.protected() && op.now.uv: // 6.3
		op.uv = true
		return nil
	}
	return ctap.Errorf(op.a.model.needsUV(op.a.model.PIN.Supported), "alwaysUv is on and nothing verifies the user")
}

// requireVerification insists on UV where the device is protected by it. Step 7
// excepts non-discoverable credentials where makeCredUvNotRqd is true.
func (op *makeCredential) requireVerification(context.Context) error {
	excepted := op.now.makeCredUvNotRqd && !op.rk
	if !op.now.protected() || op.uv || op.req.PinUvAuthParam != nil || excepted {
		return nil
	}
	return ctap.Errorf(op.a.model.needsUV(op.now.pinSet), "user verification is required, but option uv is not true and there is no pinUvAuthParam")
}

func (op *makeCredential) prompt(kind PromptKind) Prompt {
	return Prompt{Kind: kind, RP: op.req.RP, User: op.req.User}
}

// verifyUser is step 11. Where there is neither a pinUvAuthParam nor option uv it
// has nothing to do: the steps before let that pass only for step 10 or on
// devices that are not protected, which ignore a pinUvAuthParam.
func (op *makeCredential) verifyUser(ctx context.Context) error {
	switch {
	case !op.now.protected():
		return nil
	case op.req.PinUvAuthParam != nil:
		err := op.a.verifyForCeremony(op.req.PinUvAuthProtocol, op.req.ClientDataHash, op.req.PinUvAuthParam, ctap.PermissionMakeCredential, op.req.RP.ID)
		op.verified, op.method = err == nil, op.a.session.token.method
		return err
	case op.uv:
		return op.a.uvForCredential(ctx, op.now.pinSet, op.prompt(ConfirmNew), &op.consent)
	}
	return nil
}

// userPresent is what is known of the user's presence before step 14: by the
// gesture of step 11, or by the one that the token was got with.
func (op *makeCredential) userPresent() bool {
	if op.req.PinUvAuthParam != nil {
		return op.a.session.token.present(op.a.active, op.a.env.Clock.Now())
	}
	return op.present
}

// refuseExcluded looks for the credentials of excludeList on this device. The
// user is told before the platform is, so that a page cannot probe in silence
// (12.1.4); whatever the answer, it is the same status. Only a platform that
// gave up meanwhile hears of that. Credentials that are protected by UV do not
// exist for somebody who was not verified (12.2).
func (op *makeCredential) refuseExcluded(ctx context.Context) error {
	for _, excluded := range op.req.ExcludeList {
		c, err := op.a.locate(ctx, op.req.RP.ID, excluded)
		if err != nil {
			return err
		}
		if c == nil || c.protection() == ctap.UserVerificationRequired && !op.verified {
			continue
		}
		if !op.userPresent() {
			err := op.a.requirePresence(ctx, op.prompt(TellExcluded))
			if errors.Is(err, context.Canceled) || errors.Is(err, ErrPowerCut) {
				return err
			}
		}
		return ctap.Errorf(ctap.CredentialExcluded, "credential %x of excludeList is on this device", c.ID)
	}
	return nil
}

// testPresence is step 14; 13 passes over it where the gesture of step 11 was
// evidence of interaction too. Whatever token there is has served its ceremony.
func (op *makeCredential) testPresence(ctx context.Context) error {
	if op.present {
		return nil
	}
	if op.present = op.userPresent(); !op.present {
		if err := op.a.presenceForCredential(ctx, op.prompt(ConfirmNew), &op.consent); err != nil {
			return err
		}
	}
	op.a.session.token.spend(op.a.active)
	return nil
}

func (op *makeCredential) readExtensions(ctx context.Context) (err error) {
	op.credential = &Credential{
		RPID:           op.req.RP.ID,
		User:           storedUser(op.req.User),
		Algorithm:      op.algorithm,
		Discoverable:   op.rk,
		BackupEligible: op.a.model.BackupEligible,
		BackedUp:       op.a.model.BackedUp,
		Created:        op.a.env.Clock.Now().Unix(),
	}
	if level := op.a.model.CredProtect; level > ctap.UserVerificationOptional {
		op.credential.extras().CredProtect = level
	}
	op.due, err = op.a.model.readExtensions(op.req.Extensions, func(e *extension, input canon.Raw) (produce, error) {
		if e.create == nil {
			return nil, nil
		}
		return e.create(op, ctx, input)
	})
	return err
}

func (op *makeCredential) generateKey(context.Context) error {
	k, drawn, err := drawKey(op.a.env.Random, op.algorithm)
	if err != nil {
		return err
	}
	secret := op.a.active.key(op.req.RP.ID, drawn)
	if !bytes.Equal(secret, drawn) {
		if k, err = parseKey(op.algorithm, secret); err != nil {
			return err
		}
	}
	op.key, op.credential.PrivateKey = k, secret
	return nil
}
