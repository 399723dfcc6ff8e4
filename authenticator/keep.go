package authenticator

import (
	"context"
	"fmt"
	"io"

	"github.com/passkeylab/passkeylab/ctap"
)

// keep is step 17 for discoverable credentials and step 18 for others (CTAP 2.3
// §6.1.2), with the counter's move in the same change. What is held is looked up
// again, because verifying the user has moved it.
func (op *makeCredential) keep(ctx context.Context) error {
	held, err := op.a.env.Store.Load(ctx)
	if err != nil {
		return err
	}
	state := held.State
	change, err := op.changeFor(ctx, &state, held.Discoverable)
	if err != nil {
		return err
	}
	if op.a.model.Counter == CounterGlobal {
		state.SignCount++
		change.State, op.signCount = &state, state.SignCount
	}
	if op.rk { // 17.5
		if err := op.a.renewStoreState(&change, &state); err != nil {
			return err
		}
	}
	if err := op.a.commit(ctx, change); err != nil {
		return err
	}
	op.a.keys.put(op.credential.PrivateKey, op.key)
	return nil
}

// stores reports whether the new credential gets a place in the store, and not
// only an ID that holds it.
func (op *makeCredential) stores() bool { return op.rk || op.a.model.NonDiscoverable == Stored }

func (op *makeCredential) changeFor(ctx context.Context, state *State, discoverable int) (change Change, err error) {
	if op.stores() {
		return change, op.place(ctx, &change, discoverable)
	}
	return change, op.wrap(&change, state)
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
	if op.credential.ID, err = op.a.draw(op.a.model.CredentialIDBytes); err != nil {
		return err
	}
	change.Put = []*Credential{op.credential}
	return nil
}

// wrap puts the credential into its own ID.
func (op *makeCredential) wrap(change *Change, state *State) (err error) {
	if err := op.a.ensureSecret(change, state); err != nil {
		return err
	}
	op.credential.ID, err = wrap(op.a.env.Random, state.Secret, rpIDHash(op.credential.RPID), op.credential, op.a.model.CredentialIDBytes)
	return err
}

// ensureSecret draws the device secret when there is none yet.
func (a *Authenticator) ensureSecret(change *Change, state *State) (err error) {
	if len(state.Secret) > 0 {
		return nil
	}
	state.Secret, err = a.draw(deviceSecret)
	change.State = state
	return err
}

// draw returns n random bytes.
func (a *Authenticator) draw(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(a.env.Random, b); err != nil {
		return nil, fmt.Errorf("drawing %d random bytes: %w", n, err)
	}
	return b, nil
}

// nextSequence numbers a credential after its siblings, which are in order.
func nextSequence(siblings []*Credential) uint64 {
	if len(siblings) == 0 {
		return 1
	}
	return siblings[len(siblings)-1].Sequence + 1
}
