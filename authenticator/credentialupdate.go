package authenticator

import (
	"bytes"
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// A large blob that belongs to a deleted credential is left to the platform
// (CTAP 2.3 §6.8.5).
var deleteSteps = []step[*credentialManagement]{
	{"1", (*credentialManagement).requireParam},
	{"2", (*credentialManagement).requireCredentialID},
	{"2 and 3", (*credentialManagement).checkProtocol},
	{"4 and 5", (*credentialManagement).verifyManager},
	{"6", (*credentialManagement).requireRPOfCredential},
	{"7", (*credentialManagement).requireCredential},
	{"8 and 9", (*credentialManagement).deleteCredential},
}

var updateSteps = []step[*credentialManagement]{
	{"1", (*credentialManagement).requireParam},
	{"2", (*credentialManagement).requireCredentialIDAndUser},
	{"2 and 3", (*credentialManagement).checkProtocol},
	{"4 and 5", (*credentialManagement).verifyManager},
	{"6", (*credentialManagement).requireRPOfCredential},
	{"7", (*credentialManagement).requireCredential},
	{"8", (*credentialManagement).requireSameUser},
	{"9", (*credentialManagement).updateUser},
}

func (op *credentialManagement) credentialID() parameter {
	return parameter{"credentialID (0x02) of subCommandParams", op.params.CredentialID != nil}
}

func (op *credentialManagement) requireCredentialID(context.Context) error {
	return requireParameters(op.credentialID())
}

func (op *credentialManagement) requireCredentialIDAndUser(context.Context) error {
	user := op.params.User
	return requireParameters(op.credentialID(),
		parameter{"user (0x03) of subCommandParams", user != nil},
		parameter{"user.id", user != nil && len(user.ID) > 0})
}

// requireRPOfCredential finds the credential too. A token for one RP ID does not
// learn whether another has it.
func (op *credentialManagement) requireRPOfCredential(ctx context.Context) (err error) {
	if op.credential, err = op.a.managed(ctx, *op.params.CredentialID); err != nil {
		return err
	}
	return op.requireRP(func(rpID string) bool { return op.credential != nil && op.credential.RPID == rpID })
}

// managed finds a credential that can be managed, a discoverable one; nil where
// there is none.
func (a *Authenticator) managed(ctx context.Context, d ctap.Descriptor) (*Credential, error) {
	if d.Type != ctap.PublicKey || len(d.ID) == 0 {
		return nil, nil
	}
	found, err := a.env.Store.Find(ctx, Query{ID: d.ID})
	if err != nil || len(found) == 0 || !found[0].Discoverable {
		return nil, err
	}
	return found[0], nil
}

func (op *credentialManagement) requireCredential(context.Context) error {
	if op.credential == nil {
		return ctap.Errorf(ctap.NoCredentials, "no discoverable credential has ID %x", op.params.CredentialID.ID)
	}
	return nil
}

func (op *credentialManagement) deleteCredential(ctx context.Context) error {
	return op.commit(ctx, Change{Delete: [][]byte{op.credential.ID}})
}

func (op *credentialManagement) requireSameUser(context.Context) error {
	if !bytes.Equal(op.credential.User.ID, op.params.User.ID) {
		return ctap.Errorf(ctap.InvalidParameter, "user.id is %x, the credential is for %x", op.params.User.ID, op.credential.User.ID)
	}
	return nil
}

// updateUser replaces both names. One that is absent or empty is removed.
func (op *credentialManagement) updateUser(ctx context.Context) error {
	updated := *op.credential
	updated.User = storedUser(*op.params.User)
	return op.commit(ctx, Change{Put: []*Credential{&updated}})
}

func (op *credentialManagement) commit(ctx context.Context, change Change) error {
	state := op.held.State
	if err := op.a.renewStoreState(&change, &state); err != nil {
		return err
	}
	return op.a.save(ctx, change)
}
