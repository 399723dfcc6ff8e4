package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/ctaphid"
	"github.com/passkeylab/passkeylab/conformance/internal/iso7816"
	"github.com/passkeylab/passkeylab/ctap"
)

func pollCommand(p1 byte) iso7816.Command {
	return iso7816.Command{Class: classCTAP, Instruction: insPoll, P1: p1}
}

// mostPolls is how often a card may want to be asked again that nothing keeps from
// answering: it is asked about every 100 ms.
const mostPolls = 100

// pollUntil asks again while the card wants to be asked again (§11.3.7).
func (r *reader) pollUntil(data []byte, status uint16) ([]byte, uint16) {
	for range mostPolls {
		if status != swWaiting {
			return data, status
		}
		data, status = r.whole(pollCommand(0))
	}
	r.Fatalf("the card wants to be asked again without end")
	return nil, 0
}

// deferred sends a request to a user who does nothing, and returns once the card has
// said that it wants to be asked again. A card may hold its response instead.
func (r *reader) deferred() request {
	r.user(Ignore)
	q := selectionRequest()
	c := nfcMessage(q)
	c.P1 = pollsP1
	data, status := r.transmit(c)
	if status != swWaiting {
		r.answered(q, data, status)
		r.Unsupportedf("needs a card that wants to be asked again while it waits for its user")
	}
	return q
}

// nfcPollCases are of a card that wants to be asked again (§11.3.7).
func nfcPollCases() []testCase {
	const goesOn = "nfc/poll/answers"
	needs := func(more ...need) []need { return overNFC(append([]need{atLeast21, person}, more...)...) }
	return []testCase{
		{
			ID: "nfc/poll/nothing", Spec: at("11.3.7.2", ""), Level: conformance.Should, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "NFCCTAP_GETRESPONSE is refused while there is nothing to ask after.",
			Catches: []string{"nfc/poll-succeeds"},
			Run: onApplet(func(r *reader) {
				_, status := r.transmit(pollCommand(0))
				r.rejected(status)
			}),
		},
		{
			ID: "nfc/poll/status", Spec: at("11.3.7.1", ""), Level: conformance.Must, Needs: needs(), Twin: nfcAnswers,
			Doc:     "Status word 9100 comes with one byte, 1 (processing) or 2 (user presence needed).",
			Catches: []string{"nfc/keepalive-without-status", "nfc/keepalive-unknown"},
			Run: onApplet(func(r *reader) {
				r.user(Ignore)
				c := nfcMessage(selectionRequest())
				c.P1 = pollsP1
				data, status := r.transmit(c)
				for range 3 {
					if status != swWaiting {
						r.Unsupportedf("needs a card that wants to be asked again while it waits for its user")
					}
					if len(data) != 1 || data[0] != ctaphid.Processing && data[0] != ctaphid.UserNeeded {
						r.Differ("01 or 02", fmt.Sprintf("%x", data), "another status")
						r.FailNow()
					}
					data, status = r.transmit(pollCommand(0))
				}
			}),
		},
		{
			ID: goesOn, Spec: at("11.3.7.2", ""), Level: conformance.Must, Needs: needs(), Twin: nfcAnswers,
			Doc:     "NFCCTAP_GETRESPONSE has the answer once there is one.",
			Catches: []string{"nfc/no-polling"},
			Run: onApplet(func(r *reader) {
				q := r.deferred()
				_, status := r.transmit(pollCommand(0))
				r.words(status, swWaiting)
				r.touch()
				data, status := r.pollUntil(nil, swWaiting)
				r.expect(r.answered(q, data, status), ctap.OK)
				r.alive()
			}),
		},
		{
			ID: "nfc/poll/cancel", Spec: at("11.3.7.2", ""), Level: conformance.Must, Needs: needs(version23), Twin: goesOn,
			Doc:     "NFCCTAP_GETRESPONSE with P1 0x11 ends the request with CTAP2_ERR_KEEPALIVE_CANCEL.",
			Catches: []string{"nfc/cancel-ignored"},
			Run: onApplet(func(r *reader) {
				q := r.deferred()
				data, status := r.transmit(pollCommand(cancelP1))
				r.expect(r.answered(q, data, status), ctap.KeepaliveCancel)
				r.touch()
				r.alive()
			}),
		},
		{
			ID: "nfc/poll/select-ends", Spec: at("11.3.3", ""), Level: conformance.Must, Needs: needs(), Twin: goesOn,
			Doc:     "Selecting the applet gives a request up that waits; the next one is served.",
			Catches: []string{"nfc/select-refused-midway"},
			Run: onApplet(func(r *reader) {
				r.deferred()
				r.selectApplet()
				r.touch()
				r.alive()
			}),
		},
	}
}

// touch has the user do what the device waits for.
func (k *key) touch() { k.user(Approve) }

// nfcControlCases are those of NFCCTAP_CONTROL (§11.3.4).
func nfcControlCases() []testCase {
	end := iso7816.Command{Class: classCTAP, Instruction: insControl, P1: endP1}
	return []testCase{
		{
			ID: "nfc/control/end", Spec: at("11.3.4", ""), Level: conformance.Must, Needs: overNFC(ctap2), Twin: nfcAnswers,
			Doc:     "NFCCTAP_CONTROL END is answered with status word 9000.",
			Catches: []string{"nfc/end-unknown"},
			Run: onApplet(func(r *reader) {
				data, status := r.transmit(end)
				r.words(status, swOK)
				r.bare(data)
			}),
		},
		{
			ID: "nfc/control/after-end", Spec: at("11.3.4", ""), Level: conformance.MustNot, Needs: overNFC(ctap2), Twin: "nfc/control/end",
			Doc:     "After NFCCTAP_CONTROL END, CTAP2 requests are not served until the applet is selected again.",
			Catches: []string{"nfc/end-ignored", "nfc/unselected-served"},
			Run: onApplet(func(r *reader) {
				r.transmit(end)
				_, status := r.transmit(nfcMessage(getInfoRequest()))
				r.rejected(status)
				r.selectApplet()
				r.alive()
			}),
		},
		{
			ID: "nfc/control/other", Spec: at("11.3.4", ""), Level: conformance.Should, Needs: overNFC(ctap2), Twin: "nfc/control/end",
			Doc:     "NFCCTAP_CONTROL of another kind is refused with status word 6A86.",
			Catches: []string{"nfc/parameters-unchecked"},
			Run: onApplet(func(r *reader) {
				c := end
				c.P1 = 0x7F
				_, status := r.transmit(c)
				r.words(status, swParameters)
				r.alive()
			}),
		},
	}
}
