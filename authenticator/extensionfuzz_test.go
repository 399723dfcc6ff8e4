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
	for _, seed := range []string{
		"\xf5", "\x03", "\x41\x01", "\xa1\x67support\x69preferred", "\xa1\x64read\xf5", "\xa2\x65write\x41\x00\x6coriginalSize\x01",
		"\xa4\x01\xa5\x01\x02\x03\x38\x18\x20\x01\x21\x40\x22\x40\x02\x40\x03\x40\x04\x01",
	} {
		f.Add([]byte(seed))
	}
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
