package authenticator_test

import (
	"testing"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// Whatever stands where an extension's input should stand is answered, and by a
// status that was foreseen.
func FuzzExtensionInputs(f *testing.F) {
	f.Fuzz(func(t *testing.T, input []byte) {
		if canon.Check(input) != nil {
			return
		}
		for _, model := range []authenticator.Model{extended(), extended(blobs, storing)} {
			r := newFuzzRig(t, model)
			_, id := r.create()
			for _, extension := range model.Extensions {
				made := creation(with(ctap.ExtensionHMACSecret, true), with(extension, canon.Raw(input)))
				for _, req := range []ctap.Request{made, signIn(allowing(id), asking(extension, canon.Raw(input)))} {
					raw, err := ctap.EncodeRequest(req)
					if err != nil || len(raw) > model.MaxMsgSize {
						return
					}
					answered(t, r, raw)
				}
			}
		}
	})
}
