package authenticators

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/iso7816"
)

// nfcPartCases are of responses in parts (§11.3.6, ISO 7816-4 §5.3.4).
func nfcPartCases() []testCase {
	return []testCase{
		{
			ID: "nfc/parts/left", Spec: at("11.3.6", ""), Level: conformance.Must, Needs: overNFC(ctap2, longInfo), Twin: nfcAnswers,
			Doc:     "The status word of a part says how many bytes are left, unless they are 256 or more.",
			Catches: []string{"nfc/rest-miscounted"},
			Run: onApplet(func(r *reader) {
				c := nfcMessage(getInfoRequest())
				_, status := r.transmit(c)
				var told, left []int // what each part said, and what came after it
				for status>>8 == swMore && len(told) < mostParts {
					told = append(told, int(status&0xFF))
					var data []byte
					data, status = r.more(c, told[len(told)-1])
					for i := range left {
						left[i] += len(data)
					}
					left = append(left, len(data))
				}
				r.words(status, swOK)
				for i := range told {
					if left[i] < 255 && told[i] != left[i] || left[i] >= 255 && told[i] != 0 && told[i] != 0xFF {
						r.Differ(fmt.Sprintf("61%02X", min(left[i], 256)&0xFF), fmt.Sprintf("61%02X", told[i]), "another number of bytes was left")
					}
				}
			}),
		},
		{
			ID: "nfc/parts/le", Spec: at("11.3.6", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "No response is longer than the client has room for.",
			Catches: []string{"nfc/le-ignored"},
			Run: onApplet(func(r *reader) {
				c := nfcMessage(getInfoRequest())
				c.Le = 16
				data, status := r.transmit(c)
				if len(data) > 16 || status>>8 != swMore && status>>8 != 0x6C {
					r.Differ("at most 16 bytes, and 61xx or 6Cxx", fmt.Sprintf("%d bytes, %04X", len(data), status), "the answer does not fit")
				}
			}),
		},
		{
			ID: "nfc/parts/small", Spec: at("11.3.6", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "A client that asks for little at a time gets all of it in the end.",
			Catches: []string{"nfc/rest-lost", "nfc/rest-endless"},
			Run: onApplet(func(r *reader) {
				q := getInfoRequest()
				want := r.ctap(q, nfcMessage(q)).lasting()
				got, status := r.transmit(nfcMessage(q))
				got = append([]byte(nil), got...)
				for parts := 0; status>>8 == swMore && parts < mostParts; parts++ {
					var part []byte
					part, status = r.more(nfcMessage(q), 10)
					if len(part) > 10 {
						r.Differ("at most 10 bytes", fmt.Sprint(len(part)), "a part is longer than was asked for")
					}
					got = append(got, part...)
				}
				r.words(status, swOK)
				parted := read(q.bytes(), got)
				if !bytes.Equal(parted.lasting(), want) {
					r.Differ(fmt.Sprintf("%x", want), fmt.Sprintf("%x", got), "the parts are not the whole")
				}
				r.expectOK(parted)
			}),
		},
		{
			ID: "nfc/parts/none-left", Spec: at("11.3.6", ""), Level: conformance.Should, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "GET RESPONSE is refused where nothing is left.",
			Catches: []string{"nfc/rest-invented"},
			Run: onApplet(func(r *reader) {
				r.alive()
				_, status := r.transmit(iso7816.Command{Class: classISO, Instruction: insMore})
				r.rejected(status)
			}),
		},
		{
			ID: "nfc/parts/dropped", Spec: at("11.3.6", ""), Level: conformance.MustNot, Needs: overNFC(ctap2, longInfo), Twin: nfcAnswers,
			Doc:     "What is left of an answer cannot be fetched any more after another command.",
			Catches: []string{"nfc/rest-invented"},
			Run: onApplet(func(r *reader) {
				if _, status := r.transmit(nfcMessage(getInfoRequest())); status>>8 != swMore {
					r.Fatalf("there is no rest of an answer of more than 256 bytes")
				}
				r.selectApplet()
				_, status := r.transmit(iso7816.Command{Class: classISO, Instruction: insMore})
				r.rejected(status)
			}),
		},
	}
}

// longInfo is met where getInfo is longer than a short response.
var longInfo = need{Name: "an answer to getInfo of more than 256 bytes", Met: func(c *conformance.Check) bool {
	return len(newKey(c).send(getInfoRequest()).raw) > 256
}}

// nfcStatusCases are of commands that there are not (ISO 7816-4 §5.6).
func nfcStatusCases() (cases []testCase) {
	for _, c := range []struct {
		name, doc string
		command   iso7816.Command
		want      uint16
		catches   []string
	}{
		{"unknown-instruction", "An instruction that there is not is refused with status word 6D00.", iso7816.Command{Class: classCTAP, Instruction: 0x55}, swIns, []string{"nfc/unknown-succeeds", "nfc/unknown-other"}},
		{"unknown-iso-instruction", "An instruction of ISO 7816 that the applet does not have is refused with status word 6D00.", iso7816.Command{Class: classISO, Instruction: 0xCA}, swIns, []string{"nfc/unknown-succeeds", "nfc/unknown-other"}},
		{"unknown-class", "A class that there is not is refused with status word 6E00.", iso7816.Command{Class: 0xE0, Instruction: insCTAP, Data: []byte{4}}, swClass, []string{"nfc/class-unchecked"}},
	} {
		cases = append(cases, testCase{
			ID: "nfc/status/" + c.name, Spec: at("11.3.4", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: nfcAnswers, Doc: c.doc, Catches: c.catches,
			Run: onApplet(func(r *reader) {
				data, status := r.transmit(c.command)
				r.words(status, c.want)
				r.bare(data)
				r.alive()
			}),
		})
	}
	return cases
}
