package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/iso7816"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// nfcCases are those of APDUs (§11.3).
func nfcCases() (cases []testCase) {
	for _, family := range []func() []testCase{
		nfcSelectCases, nfcMessageCases, nfcChainCases, nfcPartCases, nfcStatusCases, nfcPollCases, nfcControlCases, nfcU2FCases,
	} {
		cases = append(cases, family()...)
	}
	return cases
}

const (
	nfcSelected = "nfc/select/plain"
	nfcAnswers  = "nfc/message/short"
)

// absentApplets are the names of applets that no device has: that of FIDO but for its
// last byte, and one of a tag.
var absentApplets = [][]byte{{0xA0, 0x00, 0x00, 0x06, 0x47, 0x2F, 0x00, 0x7F}, {0xD2, 0x76, 0x00, 0x00, 0x85, 0x7F, 0x01}}

// nfcSelectCases are those of SELECT (§11.3.3).
func nfcSelectCases() (cases []testCase) {
	cases = []testCase{
		{
			ID: nfcSelected, Spec: at("11.3.3", ""), Level: conformance.Must, Needs: overNFC(),
			Doc:     "Selecting the applet is answered with U2F_V2 or FIDO_2_0.",
			Catches: []string{"nfc/version-unknown", "nfc/applet-missing", "nfc/success-in-status-word", "nfc/status-word-cut"},
			Run: onReader(func(r *reader) {
				if version := r.selectApplet(); version != "U2F_V2" && version != "FIDO_2_0" {
					r.Differ("U2F_V2 or FIDO_2_0", fmt.Sprintf("%q", version), "another version")
				}
			}),
		},
		{
			ID: "nfc/select/u2f", Spec: at("11.3.3", ""), Level: conformance.Must, Needs: overNFC(), Twin: nfcSelected,
			Doc:     "A card that has U2F is called U2F_V2, whether it has CTAP2 or not.",
			Catches: []string{"nfc/version-without-u2f"},
			Run: onReader(func(r *reader) {
				version := r.selectApplet()
				_, status := r.whole(iso7816.Command{Class: classISO, Instruction: byte(u2f.InstructionVersion)})
				if status == swOK && version != "U2F_V2" {
					r.Differ("U2F_V2", fmt.Sprintf("%q", version), "the card has U2F and does not say so")
				}
			}),
		},
		{
			ID: "nfc/select/again", Spec: at("11.3.3", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: nfcSelected,
			Doc:     "The applet can be selected again, and is the same.",
			Catches: []string{"nfc/select-once"},
			Run: onReader(func(r *reader) {
				first := r.selectApplet()
				if again := r.selectApplet(); again != first {
					r.Differ(fmt.Sprintf("%q", first), fmt.Sprintf("%q", again), "the second answer is another")
				}
				r.alive()
			}),
		},
		{
			ID: "nfc/select/other", Spec: at("11.3.3", ""), Level: conformance.MustNot, Needs: overNFC(), Twin: nfcSelected,
			Doc:     "Selecting an applet that is not there does not succeed.",
			Catches: []string{"nfc/any-applet"},
			Run: onReader(func(r *reader) {
				for _, aid := range absentApplets {
					_, status := r.transmit(selectCommand(aid))
					r.rejected(status)
				}
			}),
		},
		{
			ID: "nfc/select/not-found", Spec: conformance.Spec{Document: iso7816Part4, Section: "5.6"}, Level: conformance.Should, Needs: overNFC(), Twin: nfcSelected,
			Doc:     "Selecting an applet that is not there ends with status word 6A82.",
			Catches: []string{"nfc/applet-not-found-other"},
			Run: onReader(func(r *reader) {
				for _, aid := range absentApplets {
					_, status := r.transmit(selectCommand(aid))
					r.words(status, swNotFound)
				}
			}),
		},
		{
			ID: "nfc/select/other-ends", Spec: at("11.3.3", ""), Level: conformance.MustNot, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "After another applet was asked for, CTAP2 requests are not served until the applet is selected again.",
			Catches: []string{"nfc/stays-selected", "nfc/unselected-served"},
			Run: onApplet(func(r *reader) {
				r.transmit(selectCommand(absentApplets[0]))
				_, status := r.transmit(nfcMessage(getInfoRequest()))
				r.rejected(status)
				r.selectApplet()
				r.alive()
			}),
		},
		{
			ID: "nfc/select/before", Spec: at("11.3.3", ""), Level: conformance.MustNot, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "CTAP2 requests are not served before the applet was selected.",
			Catches: []string{"nfc/unselected-served"},
			Run: onReader(func(r *reader) {
				_, status := r.transmit(nfcMessage(getInfoRequest()))
				r.rejected(status)
			}),
		},
		{
			ID: "nfc/select/parameters", Spec: at("11.3.3", ""), Level: conformance.Should, Needs: overNFC(), Twin: nfcSelected,
			Doc:     "SELECT by anything but the name is refused with status word 6A86.",
			Catches: []string{"nfc/select-any-parameters"},
			Run: onReader(func(r *reader) {
				c := selectCommand(fidoAID)
				c.P1 = 0x03
				_, status := r.transmit(c)
				r.words(status, swParameters)
			}),
		},
		{
			ID: "nfc/select/probes", Spec: at("11.3.3", ""), Level: conformance.Must, Needs: overNFC(), Twin: nfcSelected,
			Doc:     "What telephones ask cards of other kinds first is refused with a status word, and the applet can be selected afterwards.",
			Catches: []string{"nfc/any-applet", "nfc/probe-stops"},
			Run: onReader(func(r *reader) {
				_, status := r.transmit(iso7816.Command{Class: 0x90, Instruction: 0x60})
				r.rejected(status)
				_, status = r.transmit(selectCommand([]byte{0xD2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01}))
				r.rejected(status)
				r.selectApplet()
			}),
		},
	}
	for name, form := range map[string]iso7816.Form{"without-le": iso7816.NoLe, "extended": iso7816.Extended} {
		cases = append(cases, testCase{
			ID: "nfc/select/" + name, Spec: at("11.3.3", ""), Level: conformance.Must, Needs: overNFC(), Twin: nfcSelected,
			Doc:     fmt.Sprintf("The applet can be selected by a command %s.", map[iso7816.Form]string{iso7816.NoLe: "that does not say how much it has room for", iso7816.Extended: "of extended length"}[form]),
			Catches: []string{map[iso7816.Form]string{iso7816.NoLe: "nfc/le-demanded", iso7816.Extended: "nfc/no-extended-length"}[form]},
			Run: onReader(func(r *reader) {
				want := r.selectApplet()
				c := selectCommand(fidoAID)
				c.Form = form
				data, status := r.transmit(c)
				r.words(status, swOK)
				if string(data) != want {
					r.Differ(fmt.Sprintf("%q", want), fmt.Sprintf("%q", data), "the answer is another than to a short command")
				}
			}),
		})
	}
	return cases
}
