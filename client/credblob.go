package client

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/jsontext"
	"github.com/passkeylab/passkeylab/webauthn"
)

// prepareCredBlob stores a few bytes with the credential (CTAP 2.3 §12.2). The
// result says whether they were stored.
func prepareCredBlob(_ *creation, input json.RawMessage) (registrationExtension, error) {
	var blob webauthn.Base64URL
	if err := readInput("credBlob", input, func(r *jsontext.Reader) { blob = readBytes(r) }); err != nil {
		return registrationExtension{}, err
	}
	return registrationExtension{
		input: func(_ context.Context, made *newCredential) error {
			a := made.by
			if !a.lists(ctap.ExtensionCredBlob) || uint64(len(blob)) > a.info.MaxCredBlobLength {
				return nil
			}
			return made.request.Extensions.Set(ctap.ExtensionCredBlob, []byte(blob))
		},
		output: func(made *newCredential) (any, error) {
			stored := false
			_, err := made.outputs.Get(ctap.ExtensionCredBlob, &stored)
			return stored, err
		},
	}, nil
}

// prepareGetCredBlob reads them. Without an answer there is no result; an empty
// one says that nothing is stored.
func prepareGetCredBlob(_ *authentication, input json.RawMessage) (authenticationExtension, error) {
	if !isTrue(input) {
		return authenticationExtension{}, nil
	}
	return authenticationExtension{
		input: func(_ context.Context, got *assertion) error {
			if !got.by.lists(ctap.ExtensionCredBlob) {
				return nil
			}
			return got.request.Extensions.Set(ctap.ExtensionCredBlob, true)
		},
		output: func(_ context.Context, got *assertion) (any, error) {
			var blob []byte
			if given, err := got.outputs.Get(ctap.ExtensionCredBlob, &blob); err != nil || !given {
				return nil, err
			}
			if n := uint64(len(blob)); n > got.by.info.MaxCredBlobLength {
				return nil, fmt.Errorf("%d bytes, although the authenticator stores at most %d", n, got.by.info.MaxCredBlobLength)
			}
			return webauthn.Base64URL(blob), nil
		},
	}, nil
}
