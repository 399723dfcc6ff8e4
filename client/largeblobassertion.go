package client

import (
	"context"
	"errors"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// readingLargeBlob has an empty output where there is nothing to read, or
// reading fails.
func readingLargeBlob() authenticationExtension {
	return authenticationExtension{
		input: func(_ context.Context, got *assertion) error {
			return got.askForLargeBlob(&ctap.LargeBlobInput{Read: new(true)})
		},
		output: func(ctx context.Context, got *assertion) (any, error) {
			blob, err := got.readLargeBlob(ctx)
			if err != nil {
				return largeBlobOutput{}, ctx.Err()
			}
			return largeBlobOutput{Blob: &blob}, nil
		},
	}
}

// writingLargeBlob writes after the assertion, with what is left of its token.
func writingLargeBlob(op *authentication, blob []byte) authenticationExtension {
	return authenticationExtension{
		input: func(_ context.Context, got *assertion) error {
			compressed, err := deflate(blob)
			if err != nil {
				return err
			}
			return got.askForLargeBlob(&ctap.LargeBlobInput{Write: compressed, OriginalSize: new(uint64(len(blob)))})
		},
		output: func(ctx context.Context, got *assertion) (any, error) {
			written := op.writeLargeBlob(ctx, got, blob) == nil
			return largeBlobOutput{Written: &written}, ctx.Err()
		},
	}
}

// askForLargeBlob adds the input to the request: for the key, or for the blob
// itself.
func (got *assertion) askForLargeBlob(input *ctap.LargeBlobInput) error {
	switch a := got.by; {
	case a.carriesLargeBlobs():
		return got.request.Extensions.Set(ctap.ExtensionLargeBlob, input)
	case a.storesLargeBlobs():
		return got.request.Extensions.Set(ctap.ExtensionLargeBlobKey, true)
	}
	return nil
}

// errNoBlob says that the credential has no blob, or can have none.
var errNoBlob = errors.New("there is no blob")

func (got *assertion) readLargeBlob(ctx context.Context) (webauthn.Base64URL, error) {
	var out ctap.LargeBlobOutput
	if given, err := got.outputs.Get(ctap.ExtensionLargeBlob, &out); err != nil || given {
		if err != nil || out.Blob == nil || out.OriginalSize == nil {
			return nil, errors.Join(errNoBlob, err)
		}
		return inflate(out.Blob, *out.OriginalSize)
	}
	if !got.by.storesLargeBlobs() || len(got.answer.LargeBlobKey) != largeBlobKeySize {
		return nil, errNoBlob
	}
	all, err := got.by.readLargeBlobs(ctx)
	if err != nil {
		return nil, err
	}
	return all.find(got.answer.LargeBlobKey)
}

func (op *authentication) writeLargeBlob(ctx context.Context, got *assertion, blob []byte) error {
	var out ctap.LargeBlobOutput
	if given, err := got.outputs.Get(ctap.ExtensionLargeBlob, &out); err != nil || given {
		if err != nil || out.Written == nil || !*out.Written {
			return errors.Join(errNoBlob, err)
		}
		return nil
	}
	if !got.by.storesLargeBlobs() || len(got.answer.LargeBlobKey) != largeBlobKeySize {
		return errNoBlob
	}
	all, err := got.by.readLargeBlobs(ctx)
	if err != nil {
		return err
	}
	if all, err = all.replace(op.client.random, got.answer.LargeBlobKey, blob); err != nil {
		return err
	}
	return got.by.writeLargeBlobs(ctx, all, got.proof)
}
