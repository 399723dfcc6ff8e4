package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/iso7816"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// u2fFormCases are of the form of U2F commands and responses.
func u2fFormCases() []testCase {
	const register, authenticate, version = "u2f/register/plain", "u2f/authenticate/plain", "u2f/version"
	needs := []need{u2fListed, legacy}
	raw := func(section string) conformance.Spec { return conformance.Spec{Document: rawU2F, Section: section} }
	return []testCase{
		{
			ID: "u2f/version/short", Spec: raw("3.1"), Level: conformance.Must, Needs: needs, Twin: version,
			Doc:     "U2F_VERSION is answered in a short command, too.",
			Catches: []string{"u2f/version-other"},
			Run: on(func(k *key) {
				a := k.sendAPDU(u2fCommand(u2f.InstructionVersion, 0, nil, iso7816.Short).Bytes())
				k.expectU2F(a, u2f.NoError)
				if string(a.data) != "U2F_V2" {
					k.Differ("U2F_V2", fmt.Sprintf("%q", a.data), "another version")
				}
			}),
		},
		{
			ID: "u2f/version/with-data", Spec: raw("3.3"), Level: conformance.Should, Needs: needs, Twin: version,
			Doc:     "U2F_VERSION with data is answered with WRONG_LENGTH.",
			Catches: []string{"u2f/wrong-data-for-length"},
			Run: on(func(k *key) {
				k.expectU2F(k.sendAPDU(apdu(0, byte(u2f.InstructionVersion), 0, 0, []byte{1})), u2f.WrongLength)
			}),
		},
		{
			ID: "u2f/authenticate/wrong-length", Spec: raw("3.3"), Level: conformance.Must, Needs: needs, Twin: authenticate,
			Doc:     "An authentication that is too short to have a key handle, or does not have as much of it as it says, is answered with WRONG_LENGTH.",
			Catches: []string{"u2f/wrong-data-for-length"},
			Run: on(func(k *key) {
				data := authenticateData(k.draw(32), k.application(), k.draw(64))
				for _, n := range []int{0, 32, 64, len(data) - 1} {
					k.expectU2F(k.sendAPDU(apdu(0, byte(u2f.InstructionAuthenticate), u2fCheckOnly, 0, data[:n])), u2f.WrongLength)
				}
			}),
		},
		{
			ID: "u2f/authenticate/more-than-the-handle", Spec: raw("3.3"), Level: conformance.Should, Needs: needs, Twin: "u2f/authenticate/wrong-length",
			Doc:     "An authentication that goes on after the key handle is answered with WRONG_LENGTH.",
			Catches: []string{"u2f/tail-ignored"},
			Run: on(func(k *key) {
				made := k.register()
				data := append(authenticateData(k.draw(32), k.application(), made.handle), 0)
				k.expectU2F(k.sendAPDU(apdu(0, byte(u2f.InstructionAuthenticate), u2fEnforce, 0, data)), u2f.WrongLength)
			}),
		},
		{
			ID: "u2f/authenticate/counter-of-the-quiet", Spec: raw("5.4"), Level: conformance.Must, Needs: needs, Twin: authenticate,
			Doc:     "The counter rises also with authentications that demand no touch, or is always 0.",
			Catches: []string{"u2f/quiet-not-counted"},
			Run: on(func(k *key) {
				made := k.register()
				last := uint32(0)
				for i, control := range []byte{u2fEnforce, u2fDontAsk, u2fDontAsk, u2fEnforce} {
					challenge := k.draw(32)
					send := k.touchedFor
					if control == u2fDontAsk {
						send = k.sendAPDU
					}
					a := send(authenticateAPDU(control, challenge, k.application(), made.handle))
					if control == u2fDontAsk && a.status == u2f.ConditionsNotSatisfied {
						k.Unsupportedf("needs a device that signs without a touch where none is demanded")
					}
					_, counter := k.u2fSigned(a, made, challenge)
					if i > 0 && counter <= last && (counter != 0 || last != 0) {
						k.Differ(fmt.Sprintf("a counter above %d", last), fmt.Sprint(counter), "the counter does not rise with control byte 0x%02x", control)
					}
					last = counter
				}
			}),
		},
		{
			ID: "u2f/authenticate/unknown-control", Spec: raw("5.1"), Level: conformance.Should, Needs: needs, Twin: authenticate,
			Doc:     "A control byte that there is not is refused with WRONG_DATA or status word 6A86.",
			Catches: []string{"u2f/unknown-control-other"},
			Run: on(func(k *key) {
				made := k.register()
				for _, control := range []byte{0x00, 0x55} {
					k.expectU2F(k.sendAPDU(authenticateAPDU(control, k.draw(32), k.application(), made.handle)), u2f.WrongData, swParameters)
				}
			}),
		},
		{
			ID: "u2f/refused-alone", Spec: raw("3.3"), Level: conformance.Must, Needs: needs, Twin: register,
			Doc:     "A command that is refused is answered with a status word alone.",
			Catches: []string{"u2f/refused-with-data"},
			Run: on(func(k *key) {
				for _, command := range [][]byte{
					apdu(0, 0x05, 0, 0, nil), apdu(0, byte(u2f.InstructionRegister), 0, 0, k.draw(63)),
					authenticateAPDU(u2fCheckOnly, k.draw(32), k.application(), k.draw(64)),
				} {
					if a := k.sendAPDU(command); a.status == u2f.NoError || len(a.data) > 0 {
						k.Differ("a status word alone", fmt.Sprintf("%x and %v", a.data, a.status), "the command is refused in another way")
					}
				}
			}),
		},
	}
}
