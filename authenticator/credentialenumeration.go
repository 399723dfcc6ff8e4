package authenticator

import (
	"bytes"
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// rpSequence is what enumerateRPsBegin leaves for enumerateRPsGetNextRP (CTAP 2.3
// §6.8.3).
type rpSequence struct {
	grant *grant
	rest  []string // RP IDs not yet told
}

func (s *rpSequence) authorised() *grant { return s.grant }

// credentialSequence is what enumerateCredentialsBegin leaves for
// enumerateCredentialsGetNextCredential (§6.8.4).
type credentialSequence struct {
	grant *grant
	rest  []*Credential // not yet told
}

func (s *credentialSequence) authorised() *grant { return s.grant }

var firstRPSteps = []step[*credentialManagement]{
	{"1", (*credentialManagement).requireParam},
	{"2 and 3", (*credentialManagement).checkProtocol},
	{"4 and 5", (*credentialManagement).verifyReader},
	{"6", (*credentialManagement).requireEveryRP},
	{"7", (*credentialManagement).findRPs},
	{"8", (*credentialManagement).tellTotalRPs},
	{"9", (*credentialManagement).tellRP},
}

// The sequence is forgotten at step 1, and remembered again by the last step.
var nextRPSteps = []step[*credentialManagement]{
	{"1", (*credentialManagement).requireNextRP},
	{"2", (*credentialManagement).tellRP},
}

var firstCredentialSteps = []step[*credentialManagement]{
	{"1", (*credentialManagement).requireParam},
	{"2", (*credentialManagement).requireRPIDHash},
	{"2 and 3", (*credentialManagement).checkProtocol},
	{"4 and 5", (*credentialManagement).verifyReader},
	{"6", (*credentialManagement).requireHashedRP},
	{"7", (*credentialManagement).findCredentials},
	{"8", (*credentialManagement).tellTotalCredentials},
	{"9", (*credentialManagement).tellCredential},
}

var nextCredentialSteps = []step[*credentialManagement]{
	{"1", (*credentialManagement).requireNextCredential},
	{"2", (*credentialManagement).tellCredential},
}

func (op *credentialManagement) findRPs(ctx context.Context) error {
	rpIDs, err := op.a.relyingParties(ctx)
	if err == nil && len(rpIDs) == 0 {
		err = ctap.Errorf(ctap.NoCredentials, "there is no discoverable credential")
	}
	op.rps = &rpSequence{op.grant, rpIDs}
	return err
}

// relyingParties returns the RP IDs that have discoverable credentials, in their
// own order, which no later credential changes.
func (a *Authenticator) relyingParties(ctx context.Context) (rpIDs []string, err error) {
	all, err := a.env.Store.Find(ctx, Query{})
	for _, c := range all {
		if c.Discoverable && (len(rpIDs) == 0 || rpIDs[len(rpIDs)-1] != c.RPID) {
			rpIDs = append(rpIDs, c.RPID)
		}
	}
	return rpIDs, err
}

func (op *credentialManagement) tellTotalRPs(context.Context) error {
	total := uint64(len(op.rps.rest))
	op.resp.TotalRPs = &total
	return nil
}

func (op *credentialManagement) requireNextRP(context.Context) error {
	op.rps, _ = op.a.takeSequence().(*rpSequence)
	if op.rps == nil || len(op.rps.rest) == 0 {
		return ctap.Errorf(ctap.NotAllowed, "no enumerateRPsBegin left another relying party to tell of")
	}
	return nil
}

// tellRP tells of no name: credentials keep the RP ID alone.
func (op *credentialManagement) tellRP(context.Context) error {
	rpID := op.rps.rest[0]
	hash := rpIDHash(rpID)
	op.resp.RP, op.resp.RPIDHash = &ctap.RPEntity{ID: rpID}, hash[:]
	op.rps.rest = op.rps.rest[1:]
	op.a.session.sequence = op.rps
	return nil
}

func (op *credentialManagement) requireRPIDHash(context.Context) error {
	return requireParameters(parameter{"rpIDHash (0x01) of subCommandParams", op.params.RPIDHash != nil})
}

// hashed reports whether rpIDHash is that of rpID.
func (op *credentialManagement) hashed(rpID string) bool {
	hash := rpIDHash(rpID)
	return bytes.Equal(hash[:], op.params.RPIDHash)
}

func (op *credentialManagement) requireHashedRP(context.Context) error {
	return op.requireRP(op.hashed)
}

// findCredentials finds those of the hash, newest first like getAssertion.
func (op *credentialManagement) findCredentials(ctx context.Context) error {
	rpIDs, err := op.a.relyingParties(ctx)
	if err != nil {
		return err
	}
	op.credentials = &credentialSequence{grant: op.grant}
	for _, rpID := range rpIDs {
		if op.hashed(rpID) {
			op.credentials.rest, err = op.a.discoverable(ctx, rpID)
		}
	}
	if err == nil && len(op.credentials.rest) == 0 {
		err = ctap.Errorf(ctap.NoCredentials, "no discoverable credential is for the RP ID with hash %x", op.params.RPIDHash)
	}
	return err
}

func (op *credentialManagement) tellTotalCredentials(context.Context) error {
	total := uint64(len(op.credentials.rest))
	op.resp.TotalCredentials = &total
	return nil
}

func (op *credentialManagement) requireNextCredential(context.Context) error {
	op.credentials, _ = op.a.takeSequence().(*credentialSequence)
	if op.credentials == nil || len(op.credentials.rest) == 0 {
		return ctap.Errorf(ctap.NotAllowed, "no enumerateCredentialsBegin left another credential to tell of")
	}
	return nil
}

func (op *credentialManagement) tellCredential(context.Context) error {
	c := op.credentials.rest[0]
	k, err := op.a.keys.get(c.Algorithm, c.PrivateKey)
	if err != nil {
		return err
	}
	if op.resp.PublicKey, err = k.cose(); err != nil {
		return err
	}
	user := c.User
	op.resp.User = &user
	op.resp.CredentialID = &ctap.Descriptor{ID: c.ID, Type: ctap.PublicKey}
	op.resp.CredProtect = uint64(c.protection())
	op.tellExtras(c.Extras)
	op.credentials.rest = op.credentials.rest[1:]
	op.a.session.sequence = op.credentials
	return nil
}

// tellExtras tells what other extensions keep with a credential. Whether it may
// pay is told also where it may not, by devices that know of paying.
func (op *credentialManagement) tellExtras(extras *Extras) {
	if extras == nil {
		extras = new(Extras)
	}
	op.resp.LargeBlobKey = extras.LargeBlobKey
	if op.a.model.extension(ctap.ExtensionThirdPartyPayment) {
		mayPay := extras.ThirdPartyPayment
		op.resp.ThirdPartyPayment = &mayPay
	}
}
