package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/jsontext"
	"github.com/passkeylab/passkeylab/webauthn"
)

// maxPRFValue is the longest value to evaluate, in bytes. WebAuthn sets no
// limit; this one is Chromium's.
const maxPRFValue = 256

// prfInputs is AuthenticationExtensionsPRFInputsJSON (§10.1.4).
type prfInputs struct {
	eval         *prfValues
	byCredential []prfEntry // of evalByCredential
	hasEntries   bool       // evalByCredential is present, though it may be empty
}

// prfEntry is one of evalByCredential. Its key is base64url by right, but the
// page may have written anything.
type prfEntry struct {
	key    string
	values *prfValues
}

// prfValues is AuthenticationExtensionsPRFValuesJSON. second is nil if absent.
type prfValues struct{ first, second webauthn.Base64URL }

func readPRF(input json.RawMessage) (*prfInputs, error) {
	in := new(prfInputs)
	return in, readInput("prf", input, func(r *jsontext.Reader) {
		for name := range r.Members {
			switch string(name) {
			case "eval":
				in.eval = readPRFValues(r)
			case "evalByCredential":
				in.readEntries(r)
			default:
				r.Skip()
			}
		}
	})
}

func (in *prfInputs) readEntries(r *jsontext.Reader) {
	if in.hasEntries = !r.Null(); !in.hasEntries {
		return
	}
	for key := range r.Members {
		e := prfEntry{key: string(key)}
		e.values = readPRFValues(r)
		in.byCredential = append(in.byCredential, e)
	}
}

func readPRFValues(r *jsontext.Reader) *prfValues {
	if r.Null() {
		return nil
	}
	v := new(prfValues)
	for name := range r.Members {
		switch string(name) {
		case "first":
			v.first = readBytes(r)
		case "second":
			v.second = readBytes(r)
		default:
			r.Skip()
		}
	}
	if v.first == nil {
		r.Fail(errors.New(`member "first" is missing`))
	}
	return v
}

func (in *prfInputs) checkCreation() error {
	if in.hasEntries {
		return exceptionf(webauthn.NotSupportedError, "prf.evalByCredential is for get(), not for create()")
	}
	return in.eval.checkLength(webauthn.NotSupportedError)
}

func (in *prfInputs) checkAuthentication(allowed []webauthn.Descriptor) error {
	if len(in.byCredential) > 0 && len(allowed) == 0 {
		return exceptionf(webauthn.NotSupportedError, "prf.evalByCredential needs allowCredentials")
	}
	if err := in.eval.checkLength(webauthn.SyntaxError); err != nil {
		return err
	}
	for _, e := range in.byCredential {
		id, err := webauthn.ParseBase64URL(e.key)
		named := func(d webauthn.Descriptor) bool { return bytes.Equal(d.ID, id) }
		if err != nil || len(id) == 0 || !slices.ContainsFunc(allowed, named) {
			return exceptionf(webauthn.SyntaxError, "prf.evalByCredential: key %q is no id of allowCredentials in base64url", e.key)
		}
		if err := e.values.checkLength(webauthn.SyntaxError); err != nil {
			return err
		}
	}
	return nil
}

func (v *prfValues) checkLength(exception string) error {
	if v != nil && (len(v.first) > maxPRFValue || len(v.second) > maxPRFValue) {
		return exceptionf(exception, "prf: a value of more than %d bytes", maxPRFValue)
	}
	return nil
}

// choose returns the values for a request: the entry of its only credential, or
// else those for all. nil means that there are none.
func (in *prfInputs) choose(allow []ctap.Descriptor) *prfValues {
	if len(allow) == 1 {
		key := webauthn.Base64URL(allow[0].ID).String()
		for _, e := range in.byCredential {
			if e.key == key && e.values != nil {
				return e.values
			}
		}
	}
	return in.eval
}
