package authenticators

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/iso7816"
	"github.com/passkeylab/passkeylab/ctap"
)

// nfcMessageCases are those of NFCCTAP_MSG (§11.3.5).
func nfcMessageCases() []testCase {
	withForm := func(q request, form iso7816.Form, p1 byte) iso7816.Command {
		c := nfcMessage(q)
		c.Form, c.P1 = form, p1
		return c
	}
	return []testCase{
		{
			ID: nfcAnswers, Spec: at("11.3.5", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: nfcSelected,
			Doc:     "A CTAP2 request in a short command is answered, in parts if it has to be.",
			Catches: []string{"nfc/rest-lost", "nfc/rest-refused", "nfc/rest-endless"},
			Run:     onApplet((*reader).alive),
		},
		{
			ID: "nfc/message/extended", Spec: at("11.3.5", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: nfcSelected,
			Doc:     "A CTAP2 request in a command of extended length is answered in one response.",
			Catches: []string{"nfc/no-extended-length", "nfc/extended-in-parts"},
			Run: onApplet(func(r *reader) {
				q := getInfoRequest()
				data, status := r.transmit(withForm(q, iso7816.Extended, 0))
				r.expectOK(r.answered(q, data, status))
			}),
		},
		{
			ID: "nfc/message/forms-agree", Spec: at("11.3.5", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "What is answered does not depend on the form of the command.",
			Catches: []string{"nfc/rest-lost", "nfc/no-extended-length"},
			Run: onApplet(func(r *reader) {
				q := getInfoRequest()
				want := r.ctap(q, withForm(q, iso7816.Extended, 0)).lasting()
				for _, form := range []iso7816.Form{iso7816.Short, iso7816.NoLe} {
					if got := r.ctap(q, withForm(q, form, 0)).lasting(); !bytes.Equal(got, want) {
						r.Differ(fmt.Sprintf("%x", want), fmt.Sprintf("%x", got), "the answer depends on the form")
					}
				}
			}),
		},
		{
			ID: "nfc/message/may-poll", Spec: at("11.3.5", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "A client may say that it can ask again; what needs no user is answered all the same.",
			Catches: []string{"nfc/polling-refused"},
			Run: onApplet(func(r *reader) {
				q := getInfoRequest()
				data, status := r.whole(withForm(q, iso7816.Short, pollsP1))
				data, status = r.pollUntil(data, status)
				r.expectOK(r.answered(q, data, status))
			}),
		},
		{
			ID: "nfc/message/must-not-poll", Spec: at("11.3.7", ""), Level: conformance.MustNot, Needs: overNFC(atLeast21), Twin: nfcAnswers,
			Doc:     "Where the client does not say that it can ask again, the response holds the answer and not status word 9100.",
			Catches: []string{"nfc/polls-unasked"},
			Run: onApplet(func(r *reader) {
				q := selectionRequest()
				data, status := r.whole(withForm(q, iso7816.Short, 0))
				r.expect(r.answered(q, data, status), ctap.OK)
			}),
		},
		{
			ID: "nfc/message/status", Spec: at("11.3.5", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "A CTAP2 request that fails is answered with its status and status word 9000.",
			Catches: []string{"nfc/failure-in-status-word"},
			Run: onApplet(func(r *reader) {
				for _, raw := range [][]byte{{0x0F}, {byte(ctap.CommandMakeCredential)}} {
					data, status := r.whole(iso7816.Command{Class: classCTAP, Instruction: insCTAP, Data: raw})
					r.words(status, swOK)
					if len(data) != 1 || data[0] == 0 {
						r.Differ("one byte, a status", fmt.Sprintf("%x", data), "a request that fails is answered in another way")
					}
				}
			}),
		},
		{
			ID: "nfc/message/parameters", Spec: at("11.3.5", ""), Level: conformance.Should, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "P2 and bits of P1 that have no meaning yet are refused with status word 6A86 where they are set.",
			Catches: []string{"nfc/parameters-unchecked"},
			Run: onApplet(func(r *reader) {
				for _, p := range [][2]byte{{0x01, 0}, {0x40, 0}, {0, 0x01}} {
					c := nfcMessage(getInfoRequest())
					c.P1, c.P2 = p[0], p[1]
					_, status := r.transmit(c)
					r.words(status, swParameters)
				}
			}),
		},
	}
}

// inParts are the commands that a request is sent in where each carries n bytes.
func inParts(q request, n int) (parts []iso7816.Command) {
	left := q.bytes()
	for len(left) > n {
		c := iso7816.Command{Class: classCTAP | iso7816.Chain, Instruction: insCTAP, Data: left[:n], Form: iso7816.NoLe}
		parts, left = append(parts, c), left[n:]
	}
	return append(parts, iso7816.Command{Class: classCTAP, Instruction: insCTAP, Data: left})
}

// sendParts sends all but the last of the commands of a chain, which answer nothing.
func (r *reader) sendParts(parts []iso7816.Command) (last iso7816.Command) {
	for _, c := range parts[:len(parts)-1] {
		data, status := r.transmit(c)
		r.words(status, swOK)
		r.bare(data)
	}
	return parts[len(parts)-1]
}

// long is a request of more bytes than a short command has room for. What a card makes
// of a part of it is an unknown command.
func long(n int) request {
	return clientPINRequest(ctap.GetKeyAgreement, pinProtocol, 1, 99, bytes.Repeat([]byte{0x2A}, n))
}

// nfcChainCases are of commands in parts (§11.3.5, ISO 7816-4 §5.3.3).
func nfcChainCases() []testCase {
	chain := func(id, doc string, n int, build func() request, catches ...string) testCase {
		return testCase{
			ID: id, Spec: at("11.3.5", ""), Level: conformance.Must, Needs: overNFC(keyAgreement), Twin: nfcAnswers, Doc: doc, Catches: catches,
			Run: onApplet(func(r *reader) {
				q := build()
				last := r.sendParts(inParts(q, n))
				got := r.ctap(q, last)
				whole := nfcMessage(q)
				whole.Form = iso7816.Extended
				if want := r.ctap(q, whole); want.status != got.status {
					r.Differ(want.status.String(), got.status.String(), "a request in parts ends in another way than as a whole")
				}
			}),
		}
	}
	byTwo := func() request {
		return request{command: ctap.CommandMakeCredential}.with(mcClientDataHash, bytes.Repeat([]byte{1}, 8))
	}
	return []testCase{
		chain("nfc/chain/two-parts", "A request in two commands is taken as one.", 250, func() request { return long(300) }, "nfc/no-chaining", "nfc/chain-head-lost", "nfc/chain-answered"),
		chain("nfc/chain/of-255", "Commands of a chain carry up to 255 bytes.", 255, func() request { return long(600) }, "nfc/no-chaining", "nfc/chain-head-lost"),
		chain("nfc/chain/byte-by-byte", "Commands of a chain may carry as little as a byte.", 1, byTwo, "nfc/no-chaining", "nfc/chain-head-lost"),
		{
			ID: "nfc/chain/ended-by-another", Spec: at("11.3.5", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: "nfc/chain/two-parts",
			Doc:     "A command of another kind ends a chain, of which nothing is left then.",
			Catches: []string{"nfc/chain-kept"},
			Run: onApplet(func(r *reader) {
				r.sendParts(inParts(long(300), 100))
				r.selectApplet()
				r.alive()
			}),
		},
		{
			ID: "nfc/chain/other-parameters", Spec: conformance.Spec{Document: iso7816Part4, Section: "5.3.3"}, Level: conformance.Should, Needs: overNFC(keyAgreement), Twin: "nfc/chain/two-parts",
			Doc:     "A command with another P1 than the parts before it does not end their chain: it is not answered as if the request were whole.",
			Catches: []string{"nfc/chain-parameters-unchecked"},
			Run: onApplet(func(r *reader) {
				q := long(300)
				last := r.sendParts(inParts(q, 250))
				last.P1 = pollsP1
				data, status := r.whole(last)
				data, status = r.pollUntil(data, status)
				if status == swOK && len(data) > 1 && data[0] == 0 {
					r.Differ("an error", fmt.Sprintf("%x", data), "parts that do not belong together were taken for one request")
				}
				r.alive()
			}),
		},
		{
			ID: "nfc/chain/too-long", Spec: at("11.3.5", ""), Level: conformance.Should, Needs: overNFC(ctap2), Twin: "nfc/chain/of-255",
			Doc:     "A chain that becomes longer than any request is refused, by a status of CTAP2 or a status word.",
			Catches: []string{"nfc/chain-cut"},
			Run: onApplet(func(r *reader) {
				q := getInfoRequest()
				for range 40 {
					_, status := r.transmit(iso7816.Command{Class: classCTAP | iso7816.Chain, Instruction: insCTAP, Data: append(q.bytes(), make([]byte, 249)...), Form: iso7816.NoLe})
					if status != swOK {
						r.rejected(status)
						return
					}
				}
				data, status := r.transmit(nfcMessage(q))
				if status == swOK && len(data) > 0 && data[0] == 0 {
					r.Differ("an error", "success", "a request of 10001 bytes succeeded")
				}
			}),
		},
	}
}
