package client

import (
	"context"
	"crypto/sha256"
	"encoding/json"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// prfOutput is AuthenticationExtensionsPRFOutputsJSON (§10.1.4). Enabled is
// there in create() only.
type prfOutput struct {
	Enabled *bool      `json:"enabled,omitempty"`
	Results *prfResult `json:"results,omitempty"`
}

type prfResult struct {
	First  webauthn.Base64URL `json:"first"`
	Second webauthn.Base64URL `json:"second,omitempty"`
}

func newPRFResult(out []byte) *prfResult {
	r := &prfResult{First: out[:saltSize]}
	if len(out) > saltSize {
		r.Second = out[saltSize:]
	}
	return r
}

// salts are what the authenticator gets in place of the page's values: hashes
// that keep pages from asking for anything that is not theirs.
func (c *Client) salts(v *prfValues) []byte {
	out := c.salted(v.first, prfSalt(v.first))
	if v.second != nil {
		out = append(out, c.salted(v.second, prfSalt(v.second))...)
	}
	return out
}

// count is how many values there are.
func (v *prfValues) count() int {
	if v.second != nil {
		return 2
	}
	return 1
}

func prfSalt(value []byte) []byte {
	hash := sha256.Sum256(append([]byte("WebAuthn PRF\x00"), value...))
	return hash[:]
}

// preparePRFCreation asks for a credential that can evaluate, and where the
// authenticator can do so at once, for the first results. There is no assertion
// behind the page's back to make up for one that cannot.
func preparePRFCreation(op *creation, input json.RawMessage) (registrationExtension, error) {
	in, err := readPRF(input)
	if err != nil {
		return registrationExtension{}, err
	}
	if err := in.checkCreation(); err != nil {
		return registrationExtension{}, err
	}
	op.evaluates = true // the only function that pages get is that of a verified user
	return registrationExtension{
		input: func(ctx context.Context, made *newCredential) error {
			return op.addPRF(ctx, made, in.eval)
		},
		output: func(made *newCredential) (any, error) {
			enabled := false
			if _, err := made.outputs.Get(ctap.ExtensionHMACSecret, &enabled); err != nil {
				return nil, err
			}
			results, err := prfResults(made.outputs, ctap.ExtensionHMACSecretMC, made.shared, in.eval)
			return prfOutput{Enabled: &enabled, Results: results}, err
		},
	}, nil
}

func (op *creation) addPRF(ctx context.Context, made *newCredential, eval *prfValues) error {
	if !made.by.lists(ctap.ExtensionHMACSecret) {
		return nil
	}
	if err := made.request.Extensions.Set(ctap.ExtensionHMACSecret, true); err != nil {
		return err
	}
	if eval == nil || !made.by.lists(ctap.ExtensionHMACSecretMC) {
		return nil
	}
	input, shared, err := op.hmacSecretInput(ctx, made.by, op.client.salts(eval))
	if err != nil {
		return err
	}
	made.shared = shared
	return made.request.Extensions.Set(ctap.ExtensionHMACSecretMC, input)
}

// preparePRF evaluates with the credential that signs.
func preparePRF(op *authentication, input json.RawMessage) (authenticationExtension, error) {
	in, err := readPRF(input)
	if err != nil {
		return authenticationExtension{}, err
	}
	if err := in.checkAuthentication(op.options.AllowCredentials); err != nil {
		return authenticationExtension{}, err
	}
	op.exact = len(in.byCredential) > 0
	op.evaluates = op.exact || in.eval != nil
	return authenticationExtension{
		input: func(ctx context.Context, got *assertion) (err error) {
			values := in.choose(got.request.AllowList)
			if values == nil || !got.by.lists(ctap.ExtensionHMACSecret) {
				return nil
			}
			input, shared, err := op.hmacSecretInput(ctx, got.by, op.client.salts(values))
			if err != nil {
				return err
			}
			got.shared = shared
			return got.request.Extensions.Set(ctap.ExtensionHMACSecret, input)
		},
		output: func(_ context.Context, got *assertion) (any, error) {
			results, err := prfResults(got.outputs, ctap.ExtensionHMACSecret, got.shared, in.choose(got.request.AllowList))
			return prfOutput{Results: results}, err
		},
	}, nil
}

// prfResults opens what the authenticator made of the values, nil where it was
// not asked or did not answer.
func prfResults(outputs ctap.Extensions, id string, shared *agreement, values *prfValues) (*prfResult, error) {
	var encrypted []byte
	if shared == nil {
		return nil, nil
	}
	if given, err := outputs.Get(id, &encrypted); err != nil || !given {
		return nil, err
	}
	out, err := shared.openHMACSecret(encrypted, values.count())
	if err != nil {
		return nil, err
	}
	return newPRFResult(out), nil
}
