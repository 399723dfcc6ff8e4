package client

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/jsontext"
	"github.com/passkeylab/passkeylab/webauthn"
)

// maxLargeBlob is the longest blob that is written, in bytes. WebAuthn sets no
// limit; this one is Chromium's.
const maxLargeBlob = 2048

// largeBlobInputs is AuthenticationExtensionsLargeBlobInputsJSON (§10.1.5).
// Members that are absent are empty or nil.
type largeBlobInputs struct {
	support string
	read    *bool
	write   webauthn.Base64URL
}

// largeBlobOutput is AuthenticationExtensionsLargeBlobOutputsJSON.
type largeBlobOutput struct {
	Supported *bool               `json:"supported,omitempty"`
	Blob      *webauthn.Base64URL `json:"blob,omitempty"`
	Written   *bool               `json:"written,omitempty"`
}

func readLargeBlobInputs(input json.RawMessage) (in largeBlobInputs, err error) {
	return in, readInput("largeBlob", input, func(r *jsontext.Reader) {
		for name := range r.Members {
			switch string(name) {
			case "support":
				in.support = r.String()
			case "read":
				if !r.Null() {
					in.read = new(r.Bool())
				}
			case "write":
				in.write = readBytes(r)
			default:
				r.Skip()
			}
		}
	})
}

// There are two forms of large blobs in CTAP: an array that authenticatorLargeBlobs
// gives to anybody, with entries encrypted by a key of each credential (§6.10,
// §12.3), and an extension for authenticators that keep blobs beside their
// credentials (§12.4), which those have that are reached by hybrid transports.

// storesLargeBlobs reports whether the authenticator has the first form.
func (a *candidate) storesLargeBlobs() bool {
	return a.info.Option(ctap.OptionLargeBlobs) && a.lists(ctap.ExtensionLargeBlobKey) && !a.carriesLargeBlobs()
}

// carriesLargeBlobs reports whether it has the second.
func (a *candidate) carriesLargeBlobs() bool { return a.lists(ctap.ExtensionLargeBlob) }

// prepareLargeBlobSupport asks for a credential that can have a blob.
func prepareLargeBlobSupport(op *creation, input json.RawMessage) (registrationExtension, error) {
	in, err := readLargeBlobInputs(input)
	switch {
	case err != nil:
		return registrationExtension{}, err
	case in.read != nil || in.write != nil:
		return registrationExtension{}, exceptionf(webauthn.NotSupportedError, "largeBlob.read and largeBlob.write are for get(), not for create()")
	}
	e := registrationExtension{
		input: func(_ context.Context, made *newCredential) error { return op.askForLargeBlob(made) },
		output: func(made *newCredential) (any, error) {
			supported, err := supportsLargeBlob(made)
			return largeBlobOutput{Supported: &supported}, err
		},
	}
	if in.support != ctap.LargeBlobRequired {
		return e, nil
	}
	op.needsLargeBlob = true
	e.unfit = func(a *candidate) error {
		if a.carriesLargeBlobs() || a.storesLargeBlobs() && op.makesDiscoverable(a) {
			return nil
		}
		return errors.New("cannot store a large blob with this credential")
	}
	e.check = func(made *newCredential) error {
		if supported, err := supportsLargeBlob(made); err != nil || !supported {
			return errors.Join(errors.New("support was required, and there is none"), err)
		}
		return nil
	}
	return e, nil
}

func (op *creation) askForLargeBlob(made *newCredential) error {
	switch a := made.by; {
	case a.carriesLargeBlobs():
		support := ctap.LargeBlobPreferred
		if op.needsLargeBlob {
			support = ctap.LargeBlobRequired
		}
		return made.request.Extensions.Set(ctap.ExtensionLargeBlob, ctap.LargeBlobInput{Support: &support})
	case a.storesLargeBlobs() && made.discoverable(): // others have no key (CTAP 2.3 §12.3)
		return made.request.Extensions.Set(ctap.ExtensionLargeBlobKey, true)
	}
	return nil
}

func supportsLargeBlob(made *newCredential) (bool, error) {
	var out ctap.LargeBlobOutput
	if _, err := made.outputs.Get(ctap.ExtensionLargeBlob, &out); err != nil {
		return false, err
	}
	return out.Supported != nil && *out.Supported || len(made.answer.LargeBlobKey) == largeBlobKeySize, nil
}

// prepareLargeBlob reads or writes the blob of the credential that signs.
func prepareLargeBlob(op *authentication, input json.RawMessage) (authenticationExtension, error) {
	in, err := readLargeBlobInputs(input)
	if err == nil {
		err = in.checkAuthentication(len(op.options.AllowCredentials))
	}
	if err != nil {
		return authenticationExtension{}, err
	}
	switch {
	case in.write != nil:
		op.writesBlob = true
		return writingLargeBlob(op, in.write), nil
	case in.read != nil && *in.read:
		return readingLargeBlob(), nil
	}
	return authenticationExtension{}, nil
}

func (in *largeBlobInputs) checkAuthentication(allowed int) error {
	switch {
	case in.support == ctap.LargeBlobRequired || in.support == ctap.LargeBlobPreferred: // others count as absent
		return exceptionf(webauthn.NotSupportedError, "largeBlob.support is for create(), not for get()")
	case in.read != nil && in.write != nil:
		return exceptionf(webauthn.NotSupportedError, "largeBlob.read and largeBlob.write exclude each other")
	case in.write != nil && allowed != 1:
		return exceptionf(webauthn.NotSupportedError, "largeBlob.write needs exactly one entry in allowCredentials, not %d", allowed)
	case len(in.write) > maxLargeBlob:
		return exceptionf(webauthn.NotSupportedError, "largeBlob.write has %d bytes, at most %d are allowed", len(in.write), maxLargeBlob)
	}
	return nil
}
