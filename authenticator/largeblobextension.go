package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// The extension largeBlob (CTAP 2.3 §12.4) carries the blob in the requests and
// responses of a ceremony, outside what is signed. The device keeps it with the
// credential, as it came: compressed by the platform.

// supportLargeBlob is largeBlob at makeCredential: whether the new credential
// can have a blob. A wrapped one has no room for it.
func (op *makeCredential) supportLargeBlob(_ context.Context, in ctap.LargeBlobInput) (produce, error) {
	switch {
	case in.Support == nil, in.Read != nil, in.Write != nil, in.OriginalSize != nil:
		return nil, ctap.Errorf(ctap.InvalidCBOR, "the input at makeCredential has the member support alone")
	case *in.Support != ctap.LargeBlobRequired && *in.Support != ctap.LargeBlobPreferred:
		return nil, ctap.Errorf(ctap.InvalidCBOR, "support %q is neither %q nor %q", *in.Support, ctap.LargeBlobRequired, ctap.LargeBlobPreferred)
	case !op.stores() && *in.Support == ctap.LargeBlobRequired:
		return nil, ctap.Errorf(ctap.LargeBlobStorageFull, "a blob is required, but the credential is kept in its own ID, which has no room")
	}
	supported := op.stores()
	if supported {
		op.credential.extras().TakesLargeBlob = true
	}
	return sayingOfBlob(&ctap.LargeBlobOutput{Supported: &supported}), nil
}

// accessLargeBlob is largeBlob at getAssertion: read or write, never both. Who
// writes has to name the credential, so that no other one is overwritten.
func (op *getAssertion) accessLargeBlob(_ context.Context, in ctap.LargeBlobInput) (produce, error) {
	reads := in.Read != nil && in.Write == nil && in.OriginalSize == nil
	writes := in.Read == nil && in.Write != nil && in.OriginalSize != nil
	switch {
	case in.Support != nil, !reads && !writes:
		return nil, ctap.Errorf(ctap.InvalidCBOR, "the input at getAssertion has the member read alone, or write and originalSize")
	case reads && !*in.Read:
		return nil, nil
	case reads:
		return readLargeBlob, nil
	case len(op.req.AllowList) == 0:
		return nil, ctap.Errorf(ctap.InvalidOption, "a write without allowList")
	}
	return writeLargeBlob(in.Write, *in.OriginalSize), nil
}

// readLargeBlob is silent where nothing was written.
func readLargeBlob(ctx context.Context, c *Credential, out *outputs) error {
	kept := c.kept()
	if kept.LargeBlob == nil {
		return nil
	}
	return sayingOfBlob(&ctap.LargeBlobOutput{Blob: kept.LargeBlob, OriginalSize: &kept.LargeBlobSize})(ctx, c, out)
}

// writeLargeBlob changes the credential in the same step of the store as its
// counter.
func writeLargeBlob(blob []byte, size uint64) produce {
	return func(ctx context.Context, c *Credential, out *outputs) error {
		written := c.kept().TakesLargeBlob
		if written {
			changed, extras := *c, *c.Extras
			extras.LargeBlob, extras.LargeBlobSize = blob, size
			changed.Extras = &extras
			out.changed = &changed
		}
		return sayingOfBlob(&ctap.LargeBlobOutput{Written: &written})(ctx, c, out)
	}
}

func sayingOfBlob(output *ctap.LargeBlobOutput) produce {
	return func(_ context.Context, _ *Credential, out *outputs) error {
		return out.unsigned.Set(ctap.ExtensionLargeBlob, output)
	}
}
