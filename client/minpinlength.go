package client

import (
	"context"
	"encoding/json"

	"github.com/passkeylab/passkeylab/ctap"
)

// prepareMinPINLength hands the question on (CTAP 2.3 §12.5). The answer is in
// the authenticator data, for relying parties that the authenticator knows, and
// there is no client extension output.
func prepareMinPINLength(_ *creation, input json.RawMessage) (registrationExtension, error) {
	if !isTrue(input) {
		return registrationExtension{}, nil
	}
	return registrationExtension{input: func(_ context.Context, made *newCredential) error {
		if !made.by.lists(ctap.ExtensionMinPINLength) {
			return nil
		}
		return made.request.Extensions.Set(ctap.ExtensionMinPINLength, true)
	}}, nil
}
