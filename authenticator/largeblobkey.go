package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// largeBlobKeySize is how long the key to a credential's large blob is, in bytes
// (CTAP 2.3 §12.3).
const largeBlobKeySize = 32

// drawLargeBlobKey is extension largeBlobKey at makeCredential (§12.3). Its
// output is a member of the response, not of authenticator data.
func (op *makeCredential) drawLargeBlobKey(_ context.Context, asked bool) (produce, error) {
	if err := refuseFalse(asked); err != nil {
		return nil, err
	}
	if !op.rk {
		return nil, ctap.Errorf(ctap.InvalidOption, "option rk is not true")
	}
	key, err := op.a.draw(largeBlobKeySize)
	if err != nil {
		return nil, err
	}
	op.credential.extras().LargeBlobKey = key
	return tellLargeBlobKey, nil
}

// tellLargeBlobKey is largeBlobKey at getAssertion: silent where the credential
// has no key.
func (op *getAssertion) tellLargeBlobKey(_ context.Context, asked bool) (produce, error) {
	return tellLargeBlobKey, refuseFalse(asked)
}

func tellLargeBlobKey(_ context.Context, c *Credential, out *outputs) error {
	out.largeBlobKey = c.kept().LargeBlobKey
	return nil
}

// refuseFalse: who does not want a key leaves the extension out.
func refuseFalse(asked bool) error {
	if !asked {
		return ctap.Errorf(ctap.InvalidOption, "the input is false, it can only be true")
	}
	return nil
}
