package client

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// maxList is the longest excludeCredentials or allowCredentials that is looked
// at. WebAuthn sets no limit; this one is Chromium's.
const maxList = 64

// descriptors takes over a list of the options: entries of other types are
// ignored (§5.8.2), repeated ids are dropped, and transports are not handed
// on, because some authenticators reject them.
func descriptors(name string, list []webauthn.Descriptor) ([]ctap.Descriptor, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > maxList {
		return nil, exceptionf(RangeError, "%s has %d entries, at most %d are allowed", name, len(list), maxList)
	}
	out := make([]ctap.Descriptor, 0, len(list))
	for _, d := range list {
		if d.Type == webauthn.PublicKeyCredentialType && find(out, d.ID) < 0 {
			out = append(out, ctap.Descriptor{Type: ctap.PublicKey, ID: d.ID})
		}
	}
	return out, nil
}

func find(list []ctap.Descriptor, id []byte) int {
	return slices.IndexFunc(list, func(d ctap.Descriptor) bool { return bytes.Equal(d.ID, id) })
}

// lookup is how the credentials of a list are looked for on an authenticator.
type lookup struct {
	rpID  string
	proof proof // lets those be found that are hidden without user verification
	exact bool  // it matters which credential it is, even where the whole list fits
}

// withList carries out a request that has an exclude or allow list. A list
// that the authenticator takes in one piece goes as it is. From a longer one
// only what probing shows to be there is sent, which may be nothing.
func (c *ceremony) withList(ctx context.Context, a *candidate, look lookup, list []ctap.Descriptor, call func([]ctap.Descriptor) error) error {
	list = a.plausible(list)
	if a.batch(list) == len(list) && !(look.exact && len(list) > 1) {
		err := call(list)
		if len(list) < 2 || !errors.Is(err, ctap.RequestTooLarge) {
			return err
		}
	}
	held, err := c.probe(ctx, a, look, list)
	if err != nil {
		return err
	}
	return call(held)
}

// plausible leaves out ids that are too long to be the authenticator's.
func (a *candidate) plausible(list []ctap.Descriptor) []ctap.Descriptor {
	limit := a.info.MaxCredentialIDLength
	tooLong := func(d ctap.Descriptor) bool { return limit > 0 && uint64(len(d.ID)) > limit }
	if !slices.ContainsFunc(list, tooLong) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), tooLong)
}

// What a message needs in bytes beside its list, and a descriptor beside its
// id: no exact figures, since a message that is still too large is cut in half.
const (
	besideList = 512
	besideID   = 24
)

// batch is how many entries of a list go into one request: as many as the
// authenticator takes (CTAP 2.3 §6.4, maxCredentialCountInList; one where it
// does not say) and as fit into a message (maxMsgSize). The tunnel of hybrid
// transports has neither limit.
func (a *candidate) batch(list []ctap.Descriptor) int {
	if len(list) < 2 || a.matches(webauthn.HintHybrid) {
		return len(list)
	}
	limit := int(min(max(a.info.MaxCredentialCountInList, 1), uint64(len(list))))
	room := int(min(max(a.info.MaxMsgSize, ctap.DefaultMaxMsgSize), ctap.MaxMsgSize)) - besideList
	for i, d := range list[:limit] {
		if room -= len(d.ID) + besideID; room < 0 {
			return max(i, 1)
		}
	}
	return limit
}

// probe finds a credential of the list that the authenticator holds, without
// asking for a gesture. It returns no more than the authenticator takes in one
// list. The assertions made on the way are over a hash of zeros, so that they
// are good for nothing else.
func (c *ceremony) probe(ctx context.Context, a *candidate, look lookup, list []ctap.Descriptor) ([]ctap.Descriptor, error) {
	size := maxList
	for len(list) > 0 {
		batch := list[:min(size, a.batch(list))]
		answer, err := ctap.Call(ctx, a.Transport, silently(look, batch))
		switch {
		case err == nil:
			return held(batch, answer), nil
		case ctx.Err() != nil || !isStatus(err):
			return nil, a.failure("getAssertion without user presence", err)
		case errors.Is(err, ctap.RequestTooLarge) && len(batch) > 1:
			size = len(batch) / 2
			continue
		}
		// Any other status means that none of the batch is there:
		// authenticators differ in how they say so.
		list = list[len(batch):]
	}
	return nil, nil
}

// silently is a getAssertion that needs no gesture and proves nothing. It
// leaves a token as good as it was (CTAP 2.3 §6.2.2 step 9).
func silently(look lookup, allow []ctap.Descriptor) *ctap.GetAssertionRequest {
	req := &ctap.GetAssertionRequest{
		RPID: look.rpID, ClientDataHash: make([]byte, 32), AllowList: allow,
		Options: &ctap.Options{UP: new(bool)},
	}
	req.PinUvAuthParam, req.PinUvAuthProtocol = look.proof.over(req.ClientDataHash)
	return req
}

// held narrows a batch to the credential that answered, if it can be told.
func held(batch []ctap.Descriptor, answer *ctap.GetAssertionResponse) []ctap.Descriptor {
	if answer.Credential == nil {
		return batch
	}
	if i := find(batch, answer.Credential.ID); i >= 0 {
		return batch[i : i+1]
	}
	return batch
}

func isStatus(err error) bool {
	var s ctap.Status
	return errors.As(err, &s)
}
