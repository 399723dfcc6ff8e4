package fault

import (
	"bytes"
	"context"
	"errors"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Instructions and control bytes of U2F (FIDO U2F Raw Message Formats).
const (
	insRegister, insAuthenticate = 1, 2
	controlSign, controlCheck    = 3, 7
)

// dataAt is where the data of an extended command begin.
const dataAt = 7

func onCommand(ins byte, change func(command []byte) []byte, answer func(command, answer []byte) []byte) func(Exchange) Exchange {
	return func(next Exchange) Exchange {
		return func(ctx context.Context, command []byte) ([]byte, error) {
			if len(command) < dataAt || command[1] != ins {
				return next(ctx, command)
			}
			if change != nil {
				command = change(bytes.Clone(command))
			}
			got, err := next(ctx, command)
			if err == nil && answer != nil {
				got = answer(command, got)
			}
			return got, err
		}
	}
}

func u2fFaults() []Fault {
	const spec = "CTAP 2.3 §10"
	swap := func(c []byte) []byte {
		if len(c) >= dataAt+64 {
			challenge := bytes.Clone(c[dataAt : dataAt+32])
			copy(c[dataAt:], c[dataAt+32:dataAt+64])
			copy(c[dataAt+32:], challenge)
		}
		return c
	}
	untouched := func(_, answer []byte) []byte {
		if bytes.Equal(answer, []byte{0x69, 0x85}) {
			return []byte{0x6F, 0}
		}
		return answer
	}
	notHeld := func(command, answer []byte) []byte {
		if command[2] == controlCheck {
			return []byte{0x6A, 0x80}
		}
		return answer
	}
	return []Fault{
		{ID: "u2f/never", Spec: spec, Doc: "The client does not speak U2F.", Reach: func(all []client.Authenticator) []client.Authenticator {
			for i := range all {
				all[i].U2F = nil
			}
			return all
		}},
		{ID: "u2f/parameters-swapped", Spec: spec, Doc: "Challenge and application are in each other's place.", Commands: both(onCommand(insRegister, swap, nil), onCommand(insAuthenticate, swap, nil))},
		{ID: "u2f/flags", Spec: spec, Doc: "Flag UV is set in what is made of a registration.", Created: func(r *webauthn.RegistrationResponse) {
			object, err := webauthn.ParseAttestationObject(r.Response.AttestationObject)
			if err != nil {
				return
			}
			object.AuthData[flagsAt] |= 4
			r.Response.AttestationObject = object.Marshal()
		}},
		{ID: "u2f/gives-up-untouched", Spec: "FIDO U2F Raw Message Formats 1.2 §4.2", Doc: "A command that wants a touch is sent once.", Commands: both(onCommand(insRegister, nil, untouched), onCommand(insAuthenticate, nil, untouched))},
		{ID: "u2f/exclude-list-ignored", Spec: spec, Doc: "Key handles that are excluded are not looked for.", Commands: onCommand(insAuthenticate, nil, notHeld)},
		{ID: "u2f/for-everything", Spec: spec, Doc: "U2F serves every request, and CTAP2 none.", Messages: func(Exchange) Exchange {
			return func(context.Context, []byte) ([]byte, error) {
				return nil, errors.New("the client does not speak CTAP2")
			}
		}, Creation: func(o *webauthn.CreationOptions) error {
			o.AuthenticatorSelection.ResidentKey, o.AuthenticatorSelection.RequireResidentKey = webauthn.Discouraged, false
			o.AuthenticatorSelection.UserVerification = webauthn.Discouraged
			o.PubKeyCredParams = []webauthn.Parameters{{Type: webauthn.PublicKeyCredentialType, Algorithm: webauthn.ES256}}
			return nil
		}},
		{ID: "u2f/enforces-always", Spec: spec, Doc: "Key handles are looked for with a touch.", Commands: onCommand(insAuthenticate, func(c []byte) []byte { c[2] = controlSign; return c }, nil)},
		{ID: "u2f/first-handle-only", Spec: spec, Doc: "The first key handle of a list is looked for, and no other.", Commands: firstHandleOnly()},
		{ID: "u2f/long-id-ends-all", Spec: spec, Doc: "An ID that is too long for a key handle ends the request.", Request: func(o *webauthn.RequestOptions) error {
			for _, d := range o.AllowCredentials {
				if len(d.ID) > 255 {
					return refuse("an ID of %d bytes", len(d.ID))
				}
			}
			return nil
		}},
		{ID: "u2f/untouched", Spec: "WebAuthn L3 §14.5", Doc: "A touch is supposed.", Commands: func(next Exchange) Exchange {
			return func(ctx context.Context, command []byte) ([]byte, error) {
				if len(command) > dataAt && command[1] == insRegister {
					return supposedRegistration(), nil
				}
				return next(ctx, command)
			}
		}},
		{ID: "u2f/other-key", Spec: spec, Doc: "The page gets another public key.", Created: onObject(func(o *webauthn.AttestationObject) { o.AuthData = replaceKey(o.AuthData, true) })},
		{ID: "u2f/format-packed", Spec: spec, Doc: "The attestation is said to have format packed.", Created: onObject(func(o *webauthn.AttestationObject) { o.Format = webauthn.FormatPacked })},
		{ID: "u2f/counter-zero", Spec: spec, Doc: "Authenticator data of a signature have no counter.", Asserted: func(r *webauthn.AuthenticationResponse) {
			r.Response.AuthenticatorData = append(bytes.Clone(r.Response.AuthenticatorData[:flagsAt+1]), 0, 0, 0, 0)
		}},
		{ID: "u2f/presence-supposed", Spec: spec, Doc: "A signature counts as one with a user who was present.", Commands: onCommand(insAuthenticate, nil, func(_, answer []byte) []byte {
			if len(answer) > 2 {
				answer = bytes.Clone(answer)
				answer[0] |= 1
			}
			return answer
		})},
		{ID: "u2f/answers-unread", Spec: "FIDO U2F Raw Message Formats 1.2 §4.3, §5.4", Doc: "What cannot be read of an answer is supposed.", Commands: both(
			onCommand(insRegister, nil, func(_, answer []byte) []byte {
				if len(answer) < 3 {
					return answer
				}
				return supposedRegistration()
			}),
			onCommand(insAuthenticate, nil, func(_, answer []byte) []byte {
				if len(answer) < 3 {
					return answer
				}
				return append([]byte{1, 0, 0, 0, 9}, 0x30, 0, 0x90, 0)
			}))},
	}
}

// firstHandleOnly answers for the authenticator once it has been asked for a key handle.
func firstHandleOnly() func(Exchange) Exchange {
	looked := false
	return func(next Exchange) Exchange {
		return func(ctx context.Context, command []byte) ([]byte, error) {
			if len(command) > dataAt && command[1] == insAuthenticate && command[2] == controlCheck {
				if looked {
					return []byte{0x6A, 0x80}, nil
				}
				looked = true
			}
			return next(ctx, command)
		}
	}
}

func supposedRegistration() []byte {
	k, ok := readMembers(supposedKey())
	if !ok {
		return nil
	}
	x, _ := k[int64(-2)].([]byte)
	y, _ := k[int64(-3)].([]byte)
	out := append([]byte{5, 4}, append(bytes.Clone(x), y...)...)
	out = append(out, 8)
	out = append(out, "supposed"...)
	return append(out, 0x30, 0, 0x30, 0, 0x90, 0)
}
