package authenticator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// maxUserID is the longest user handle in bytes (WebAuthn L3 §5.4.3).
const maxUserID = 64

// makeCredential is authenticatorMakeCredential (CTAP 2.3 §6.1.2) in progress.
type makeCredential struct {
	a   *Authenticator
	req *ctap.MakeCredentialRequest
	consent

	algorithm webauthn.Algorithm
	rk, uv    bool // the options after step 5

	key        *key
	credential *Credential
	signCount  uint32
	resp       ctap.MakeCredentialResponse
}

// Steps 1 and 6 concern clientPin, pinUvAuthToken and alwaysUv, which no Model
// has: they would come before "2" and "7". Step 4 is the zero value of consent,
// step 10 the early return of "11".
var makeCredentialSteps = []step[*makeCredential]{
	{"0 (message)", (*makeCredential).checkMessage},
	{"2", (*makeCredential).checkPinUvAuth},
	{"3", (*makeCredential).chooseAlgorithm},
	{"5", (*makeCredential).readOptions},
	{"7 and 8", (*makeCredential).requireVerification},
	{"9", (*makeCredential).refuseEnterpriseAttestation},
	{"11", (*makeCredential).verifyUser},
	{"12", (*makeCredential).refuseExcluded},
	{"13 and 14", (*makeCredential).testPresence},
	{"16", (*makeCredential).generateKey},
	{"17 and 18", (*makeCredential).keep},
	{"19", (*makeCredential).attest},
}

func (a *Authenticator) makeCredential(ctx context.Context, req *ctap.MakeCredentialRequest) (any, error) {
	op := &makeCredential{a: a, req: req}
	if err := follow(ctx, "6.1.2", op, makeCredentialSteps); err != nil {
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

func (op *makeCredential) checkPinUvAuth(context.Context) error {
	return checkPinUvAuth(op.req.PinUvAuthParam, op.req.PinUvAuthProtocol)
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
	if op.uv, err = op.a.checkUVOption(op.req.Options); err != nil || op.req.Options == nil {
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

// requireVerification insists on UV where the device is protected by it. Step 7
// excepts non-discoverable credentials where makeCredUvNotRqd is true. The
// status is the one for devices without clientPin.
func (op *makeCredential) requireVerification(context.Context) error {
	if !op.a.model.protected() || op.uv || (op.a.model.MakeCredUVNotRqd && !op.rk) {
		return nil
	}
	return ctap.Errorf(ctap.OperationDenied, "user verification is required but option uv is not true")
}

// refuseEnterpriseAttestation is 9.1: no model is capable of it.
func (op *makeCredential) refuseEnterpriseAttestation(context.Context) error {
	if op.req.EnterpriseAttestation != nil {
		return ctap.Errorf(ctap.InvalidParameter, "enterpriseAttestation on a device without it")
	}
	return nil
}

func (op *makeCredential) prompt(kind PromptKind) Prompt {
	return Prompt{Kind: kind, RP: op.req.RP, User: op.req.User}
}

// verifyUser is 11.2. Without option uv it has nothing to do: the steps before
// let that pass only for step 10 or on devices that are not protected.
func (op *makeCredential) verifyUser(ctx context.Context) error {
	if !op.uv {
		return nil
	}
	return op.a.uvForCredential(ctx, op.prompt(ConfirmNew), &op.consent)
}

// refuseExcluded looks for the credentials of excludeList on this device. The
// user is told before the platform is, so that a page cannot probe in silence
// (12.1.4); whatever the answer, it is the same status. Only a platform that
// gave up meanwhile hears of that.
func (op *makeCredential) refuseExcluded(ctx context.Context) error {
	for _, excluded := range op.req.ExcludeList {
		c, err := op.a.locate(ctx, op.req.RP.ID, excluded)
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		if !op.present {
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
// evidence of interaction too.
func (op *makeCredential) testPresence(ctx context.Context) error {
	if op.present {
		return nil
	}
	return op.a.presenceForCredential(ctx, op.prompt(ConfirmNew), &op.consent)
}

func (op *makeCredential) generateKey(context.Context) error {
	k, secret, err := drawKey(op.a.env.Random, op.algorithm)
	if err != nil {
		return err
	}
	op.key = k
	op.credential = &Credential{
		RPID:           op.req.RP.ID,
		User:           storedUser(op.req.User),
		Algorithm:      op.algorithm,
		PrivateKey:     secret,
		Discoverable:   op.rk,
		BackupEligible: op.a.model.BackupEligible,
		BackedUp:       op.a.model.BackedUp,
		Created:        op.a.env.Clock.Now().Unix(),
	}
	return nil
}

// keep is step 17 for discoverable credentials and step 18 for others, with the
// counter's move in the same change.
func (op *makeCredential) keep(ctx context.Context) error {
	held, err := op.a.env.Store.Load(ctx)
	if err != nil {
		return err
	}
	state := held.State
	var change Change
	if op.rk || op.a.model.NonDiscoverable == Stored {
		err = op.place(ctx, &change, held.Discoverable)
	} else {
		err = op.wrap(&change, &state)
	}
	if err != nil {
		return err
	}
	if op.a.model.Counter == CounterGlobal {
		state.SignCount++
		change.State, op.signCount = &state, state.SignCount
	}
	if err := op.a.commit(ctx, change); err != nil {
		return err
	}
	op.a.keys.put(op.credential.PrivateKey, op.key)
	return nil
}

// place gives the credential its ID and its place in the store. A discoverable
// one takes that of its predecessor for the same account (17.2).
func (op *makeCredential) place(ctx context.Context, change *Change, discoverable int) error {
	siblings, err := op.a.env.Store.Find(ctx, Query{RPID: op.credential.RPID})
	if err != nil {
		return err
	}
	for _, s := range siblings {
		if sameAccount(s, op.credential) {
			change.Delete = append(change.Delete, s.ID)
		}
	}
	if limit := op.a.model.Capacity; op.rk && limit > 0 && discoverable-len(change.Delete) >= limit { // 17.4
		return ctap.Errorf(ctap.KeyStoreFull, "all %d places for discoverable credentials are taken", limit)
	}
	op.credential.Sequence = nextSequence(siblings)
	op.credential.ID = make([]byte, op.a.model.CredentialIDBytes)
	if _, err := io.ReadFull(op.a.env.Random, op.credential.ID); err != nil {
		return fmt.Errorf("drawing a credential ID: %w", err)
	}
	change.Put = []*Credential{op.credential}
	return nil
}

// wrap puts the credential into its own ID, and draws the device secret when
// there is none yet.
func (op *makeCredential) wrap(change *Change, state *State) (err error) {
	if len(state.Secret) == 0 {
		state.Secret = make(Secret, deviceSecret)
		if _, err := io.ReadFull(op.a.env.Random, state.Secret); err != nil {
			return fmt.Errorf("drawing the device secret: %w", err)
		}
		change.State = state
	}
	op.credential.ID, err = wrap(op.a.env.Random, state.Secret, op.credential, op.a.model.CredentialIDBytes)
	return err
}

// nextSequence numbers a credential after its siblings, which are in order.
func nextSequence(siblings []*Credential) uint64 {
	if len(siblings) == 0 {
		return 1
	}
	return siblings[len(siblings)-1].Sequence + 1
}
