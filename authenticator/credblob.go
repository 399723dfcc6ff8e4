package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// keepCredBlob is extension credBlob at makeCredential (CTAP 2.3 §12.2): a few
// bytes kept with the credential. The output says whether they were. A wrapped
// credential has no room for them.
func (op *makeCredential) keepCredBlob(_ context.Context, blob []byte) (produce, error) {
	kept := op.stores() && len(blob) <= op.a.model.MaxCredBlob
	if kept {
		op.credential.extras().CredBlob = blob
	}
	return saying(ctap.ExtensionCredBlob, kept), nil
}

// tellCredBlob is credBlob at getAssertion: what was kept, nothing where
// nothing was.
func (op *getAssertion) tellCredBlob(_ context.Context, asked bool) (produce, error) {
	if !asked {
		return nil, nil
	}
	return func(_ context.Context, c *Credential, out *outputs) error {
		blob := append([]byte{}, c.kept().CredBlob...) // no blob is an empty string, not null
		return out.signed.Set(ctap.ExtensionCredBlob, blob)
	}, nil
}
