package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
)

// tokenByUV has the authenticator verify its user by itself and hand out a
// token for it (CTAP 2.3 §6.5.5.7.3), again and again while verification fails
// and tries are left. The error is UVBlocked when there are none.
func (c *ceremony) tokenByUV(ctx context.Context, a *candidate, n need) (*token, error) {
	left, err := a.uvRetries(ctx)
	for err == nil && left > 0 {
		t, failed := c.verifyOnce(ctx, a, n)
		if !errors.Is(failed, ctap.UVInvalid) {
			return t, explain(failed)
		}
		before := left
		if left, err = a.uvRetries(ctx); err == nil && left >= before {
			return nil, fmt.Errorf("the authenticator does not count its tries: %w", failed)
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, explain(fmt.Errorf("no tries are left: %w", ctap.UVBlocked))
}

func (a *candidate) uvRetries(ctx context.Context) (uint64, error) {
	answer, err := ctap.Call(ctx, a.Transport, &ctap.ClientPINRequest{SubCommand: ctap.GetUVRetries})
	if err != nil {
		return 0, fmt.Errorf("getUVRetries: %w", err)
	}
	if answer.UVRetries == nil {
		return 0, errors.New("getUVRetries: the answer has no uvRetries")
	}
	return *answer.UVRetries, nil
}

// verifyOnce is one gesture of the user, or as many as the authenticator tries
// by itself.
func (c *ceremony) verifyOnce(ctx context.Context, a *candidate, n need) (*token, error) {
	shared, err := c.agree(ctx, a)
	if err != nil {
		return nil, err
	}
	t, err := c.requestToken(ctx, a, shared, &ctap.ClientPINRequest{
		SubCommand: ctap.GetPinUvAuthTokenUsingUvWithPermissions, Permissions: &n.permissions, RPID: &n.rpID,
	})
	if err != nil {
		return nil, fmt.Errorf("getPinUvAuthTokenUsingUvWithPermissions: %w", err)
	}
	return t, nil
}
