package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/iso7816"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// u2fCommand is a U2F command as a card is sent it.
func u2fCommand(instruction u2f.Instruction, p1 byte, data []byte, form iso7816.Form) iso7816.Command {
	return iso7816.Command{Class: classISO, Instruction: byte(instruction), P1: p1, Data: data, Form: form}
}

// u2fAnswered is the answer to a U2F command, however many parts it has.
func (r *reader) u2fAnswered(c iso7816.Command) u2fAnswer {
	data, status := r.whole(c)
	return u2fAnswer{data, u2f.Status(status)}
}

// u2fOnCard is met where the applet says that it has U2F, and U2F_VERSION agrees: there
// are cards that say so of what they have on other transports alone.
var u2fOnCard = need{Name: "U2F by APDUs", Met: func(c *conformance.Check) bool {
	r := newKey(c).reader
	if r.selectApplet() != "U2F_V2" {
		return false
	}
	_, status := r.whole(u2fCommand(u2f.InstructionVersion, 0, nil, iso7816.Extended))
	return status != swIns && status != swClass
}}

// nfcU2FCases are of U2F by APDUs.
func nfcU2FCases() (cases []testCase) {
	needs := append(overNFC(u2fListed), u2fOnCard)
	for name, form := range map[string]iso7816.Form{"short": iso7816.Short, "extended": iso7816.Extended} {
		shared := []string{"u2f/version-other"}
		lost := []string{"nfc/u2f-rest-lost"}
		if form == iso7816.Short {
			shared = append(shared, "nfc/short-u2f-refused")
		} else {
			shared, lost = append(shared, "nfc/no-extended-length"), []string{"nfc/no-extended-length"}
		}
		cases = append(cases, testCase{
			ID: "nfc/u2f/" + name + "/version", Spec: at("11.3.5", ""), Level: conformance.Must, Needs: needs, Twin: nfcSelected,
			Doc:     "U2F_VERSION in " + name + " form is answered with U2F_V2.",
			Catches: shared,
			Run: onApplet(func(r *reader) {
				a := r.u2fAnswered(u2fCommand(u2f.InstructionVersion, 0, nil, form))
				r.expectU2F(a, u2f.NoError)
				if string(a.data) != "U2F_V2" {
					r.Differ("U2F_V2", string(a.data), "another version")
				}
			}),
		}, testCase{
			ID: "nfc/u2f/" + name + "/register", Spec: at("11.3.5", ""), Level: conformance.Must, Needs: needs, Twin: "nfc/u2f/" + name + "/version",
			Doc:     "U2F_REGISTER in " + name + " form makes a key, and its response arrives as a whole.",
			Catches: append([]string{"u2f/no-signature"}, lost...),
			Run:     onApplet(func(r *reader) { r.registerBy(form) }),
		}, testCase{
			ID: "nfc/u2f/" + name + "/authenticate", Spec: at("11.3.5", ""), Level: conformance.Must, Needs: needs, Twin: "nfc/u2f/" + name + "/register",
			Doc:     "U2F_AUTHENTICATE in " + name + " form signs with the key.",
			Catches: []string{"u2f/counter-zero"},
			Run: onApplet(func(r *reader) {
				made, challenge := r.registerBy(form), r.draw(32)
				data := authenticateData(challenge, r.application(), made.handle)
				if form == iso7816.Short && len(data) > iso7816.MaxShort {
					r.Unsupportedf("needs key handles that a short command has room for")
				}
				r.u2fSigned(r.u2fAnswered(u2fCommand(u2f.InstructionAuthenticate, u2fEnforce, data, form)), made, challenge)
			}),
		})
	}
	return append(cases, testCase{
		ID: "nfc/u2f/unknown-instruction", Spec: conformance.Spec{Document: rawU2F, Section: "3.3"}, Level: conformance.Must, Needs: needs, Twin: "nfc/u2f/short/version",
		Doc:     "An instruction that U2F does not have is refused with status word 6D00.",
		Catches: []string{"nfc/unknown-succeeds", "nfc/unknown-other"},
		Run: onApplet(func(r *reader) {
			_, status := r.whole(u2fCommand(0x05, 0, nil, iso7816.Short))
			r.words(status, swIns)
		}),
	})
}

func (r *reader) registerBy(form iso7816.Form) u2fKey {
	challenge := r.draw(32)
	data := append(append([]byte(nil), challenge...), r.application()...)
	return r.registered(r.u2fAnswered(u2fCommand(u2f.InstructionRegister, 0, data, form)), challenge)
}
