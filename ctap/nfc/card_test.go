package nfc_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// Selection (CTAP 2.3 §11.3.3).
func TestSelecting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		say, u2f, ctap string
	}{
		"Le absent":                {"00a40400 08 a0000006472f0001", "5532465f5632 9000", "4649444f5f325f30 9000"},
		"Le 00":                    {"00a40400 08 a0000006472f0001 00", "5532465f5632 9000", "4649444f5f325f30 9000"},
		"Le too small":             {"00a40400 08 a0000006472f0001 04", "5532465f 6102", "4649444f 6104"},
		"extended":                 {"00a40400 000008 a0000006472f0001 0000", "5532465f5632 9000", "4649444f5f325f30 9000"},
		"extended, Le absent":      {"00a40400 000008 a0000006472f0001", "5532465f5632 9000", "4649444f5f325f30 9000"},
		"another applet":           {"00a40400 08 a0000003080000 01 00", "6a82", "6a82"},
		"a part of its name":       {"00a40400 05 a000000647 00", "6a82", "6a82"},
		"no name":                  {"00a40400 00", "6a82", "6a82"},
		"by file":                  {"00a40000 02 3f00", "6a86", "6a86"},
		"without an answer wanted": {"00a4040c 08 a0000006472f0001", "6a86", "6a86"},
		"in parts":                 {"10a40400 08 a0000006472f0001", "6884", "6884"},
		"lengths that disagree":    {"00a40400 09 a0000006472f0001", "6700", "6700"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newRig(t, nfc.CardConfig{U2F: true}).play(step{say: c.say, want: strings.ToLower(c.u2f)})
			newRig(t, nfc.CardConfig{}).play(step{say: c.say, want: strings.ToLower(c.ctap)})
		})
	}
}

// What real readers try first must be refused in words (B6), and so must all that
// the applet does not know.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ say, before, selected string }{
		"DESFire, native":                {"60", "6700", "6700"},
		"DESFire, wrapped":               {"9060000000", "6d00", "6d00"},
		"NDEF":                           {"00a4040007d276000085010100", "6a82", "6a82"},
		"UID, meant for the PC/SC layer": {"ffca000000", "6e00", "6e00"},
		"three bytes":                    {"801080", "6700", "6700"},
		"another class":                  {"0110800001 0400", "6e00", "6e00"},
		"class before instruction":       {"4055000000", "6e00", "6e00"},
		"unknown instruction":            {"8013000000", "6d00", "6d00"},
		"CTAP under class 00":            {"00108000010400", "6d00", "6d00"},
		"U2F under class 80":             {"8003000000", "6d00", "6d00"},
		"U2F vendor instruction":         {"0040000000", "6d00", "6d00"},
		"instruction before lengths":     {"8013000005 aa", "6d00", "6d00"},
		"lengths that disagree":          {"8010800002 04", "6700", "6700"},
		"NFCCTAP_MSG":                    {getInfo, "6985", ""},
		"NFCCTAP_MSG, P1":                {"80104000010400", "6985", "6a86"},
		"NFCCTAP_MSG, P1 beside 80":      {"80108100010400", "6985", "6a86"},
		"NFCCTAP_MSG, P2":                {"80108001010400", "6985", "6a86"},
		"NFCCTAP_MSG, nothing":           {"8010800000", "6985", "6700"},
		"NFCCTAP_GETRESPONSE":            {poll, "6985", "6985"},
		"NFCCTAP_GETRESPONSE, P1":        {"8011800000", "6985", "6a86"},
		"NFCCTAP_GETRESPONSE, P2":        {"8011000100", "6985", "6a86"},
		"NFCCTAP_GETRESPONSE, data":      {"80110000010400", "6985", "6700"},
		"NFCCTAP_GETRESPONSE, in parts":  {"9011000000", "6884", "6884"},
		"cancelling nothing":             {cancel, "6985", "6985"},
		"NFCCTAP_CONTROL":                {"80120100", "6985", "9000"},
		"NFCCTAP_CONTROL, P1":            {"80120200", "6985", "6a86"},
		"NFCCTAP_CONTROL, data":          {"80120100 01aa", "6985", "6700"},
		"GET RESPONSE":                   {more, "6985", "6985"},
		"GET RESPONSE, class 80":         {"80c0000000", "6985", "6985"},
		"GET RESPONSE, P1":               {"00c0010000", "6985", "6a86"},
		"GET RESPONSE, data":             {"00c00000 01aa00", "6985", "6700"},
		"U2F":                            {"0003000000", "6985", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nfc.CardConfig{U2F: true})
			r.play(step{say: c.say, want: c.before})
			r = newSelected(t, nfc.CardConfig{U2F: true})
			if c.selected != "" {
				r.play(step{say: c.say, want: c.selected})
				return
			}
			assert.NotNil(t, r.Card.Command(r.now, unhex(t, c.say)).Request)
		})
	}
	newSelected(t, nfc.CardConfig{}).play(step{say: "0003000000", want: "6d00"}) // without U2F
}

// The commands of CTAP 2.3 §11.3.5 and §11.3.7, one story each.
func TestExchanges(t *testing.T) {
	t.Parallel()
	const hold = "80 10 00 00 01 04 00" // the reader does not ask again
	for name, steps := range map[string][]step{
		"an answer within patience": {
			{say: getInfo, request: "04"}, {wait: 99 * ms, tick: true}, {answer: "00a0", want: "00a0 9000"}, {say: poll, want: "6985"},
		},
		"a CTAP error goes under 9000": {{say: getInfo, request: "04"}, {answer: "2e", want: "2e 9000"}},
		"asked again": {
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"},
			{say: poll}, {wait: 100 * ms, tick: true, want: "01 9100"},
			{answer: "00"}, {say: poll, want: "00 9000"}, {say: poll, want: "6985"},
		},
		"answered while asked": {
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"}, {say: poll}, {answer: "00", want: "00 9000"},
		},
		"a touch is needed": {
			{say: getInfo, request: "04"}, {status: nfc.UserNeeded, want: "02 9100"}, {status: nfc.UserNeeded},
			{say: poll}, {wait: 100 * ms, tick: true, want: "02 9100"},
			{say: poll}, {status: nfc.Processing}, {wait: 100 * ms, tick: true, want: "01 9100"},
			{say: poll}, {answer: "00", want: "00 9000"},
		},
		"held": {
			{say: hold, request: "04"}, {wait: time.Minute, tick: true}, {status: nfc.UserNeeded}, {answer: "00", want: "00 9000"},
		},
		"held, as an iPhone asks": {{say: "80 10 00 00 000001 04 0000", request: "04"}, {answer: "00", want: "00 9000"}},
		"cancelled": {
			{say: getInfo, request: "04"}, {status: nfc.UserNeeded, want: "02 9100"},
			{say: cancel, stop: true}, {status: nfc.Processing}, {status: nfc.UserNeeded}, {answer: "2d", want: "2d 9000"}, {say: poll, want: "6985"},
		},
		"cancelled after success": {
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"}, {answer: "00a0"}, {say: cancel, want: "00a0 9000"},
		},
		"cancelled as success comes": {
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"}, {say: cancel, stop: true}, {answer: "00a0", want: "00a0 9000"},
		},
		"cancelled, and the device does not stop": {
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"},
			{say: cancel, stop: true}, {wait: 100 * ms, tick: true, want: "2d 9000"}, {answer: "00a0"}, {say: poll, want: "6985"},
		},
		"a device that fails": {
			{say: getInfo, request: "04"}, {fail: true, want: "6f00"},
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"}, {fail: true}, {say: poll, want: "6985"},
		},
		"another request takes over": {
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"},
			{say: "80 10 80 00 01 0b 00", request: "0b", stop: true}, {answer: "00", want: "00 9000"},
		},
		"U2F takes over": {
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"},
			{say: "00 03 00 00 00", request: "0003000000", u2f: true, stop: true}, {answer: "aa9000", want: "aa 9000"}, {say: poll, want: "6985"},
		},
		"selecting takes over": {
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"},
			{say: selectFIDO, stop: true, want: "5532465f5632 9000"}, {answer: "00"}, {say: poll, want: "6985"},
		},
		"ended": {
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"},
			{say: "80120100", stop: true, want: "9000"}, {say: getInfo, want: "6985"}, {say: "0003000000", want: "6985"},
			{say: selectFIDO, want: "5532465f5632 9000"}, {say: getInfo, request: "04"},
		},
		"another applet is selected": {
			{say: "00a4040007d276000085010100", want: "6a82"}, {say: getInfo, want: "6985"},
		},
		"a command that is refused disturbs nothing": {
			{say: getInfo, request: "04"}, {wait: 100 * ms, tick: true, want: "01 9100"}, {say: "9060000000", want: "6d00"},
			{answer: "00"}, {say: poll, want: "00 9000"},
		},
		"U2F, short": {
			{say: "00 03 00 00 00", request: "0003000000", u2f: true}, {wait: time.Minute, tick: true}, {answer: "5532465f56329000", want: "5532465f5632 9000"},
		},
		"U2F, extended":                    {{say: "00 03 00 00 000000", request: "00030000000000", u2f: true}, {answer: "6985", want: "6985"}},
		"U2F judges P1 and P2":             {{say: "00 03 0f 0f 00", request: "00030f0f00", u2f: true}, {answer: "6a86", want: "6a86"}},
		"U2F without a status word":        {{say: "00 03 00 00 00", request: "0003000000", u2f: true}, {answer: "55", want: "6f00"}},
		"a reader that no longer waits":    {{say: hold, request: "04"}, {withdraw: true, stop: true}, {answer: "00"}, {say: poll, want: "6985"}},
		"a reader that asks again later":   {{say: getInfo, request: "04"}, {withdraw: true}, {answer: "00"}, {say: poll, want: "00 9000"}},
		"a reader that does not wait":      {{say: getInfo, request: "04"}, {say: poll}, {answer: "00", want: "00 9000"}},
		"taken away":                       {{say: getInfo, request: "04"}, {off: true, stop: true}, {answer: "00"}, {say: selectFIDO}},
		"taken away and brought back":      {{off: true}, {on: true}, {say: getInfo, want: "6985"}, {say: selectFIDO, want: "5532465f5632 9000"}},
		"taken away, the answer is not in": {{say: getInfo, request: "04"}, {off: true, stop: true}, {on: true}, {say: selectFIDO, want: "5532465f5632 9000"}, {answer: "00"}, {say: poll, want: "6985"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newSelected(t, nfc.CardConfig{U2F: true}).play(steps...)
		})
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	r := newSelected(t, nfc.CardConfig{Patience: time.Second})
	assert.Zero(t, r.Deadline())
	r.play(step{say: getInfo, request: "04"})
	assert.Equal(t, r.now.Add(time.Second), r.Deadline())
	r.play(step{wait: time.Second, tick: true, want: "019100"})
	assert.Zero(t, r.Deadline(), "nobody waits")
	r.play(step{wait: time.Second, say: poll})
	assert.Equal(t, r.now.Add(time.Second), r.Deadline())
	r.play(step{answer: "00", want: "009000"}, step{say: "80100000010400", request: "04"})
	assert.Zero(t, r.Deadline(), "it is held")
}

func TestCardConfig(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]nfc.CardConfig{
		"messages of less than nothing": {MaxMessage: -1}, "messages that no device takes": {MaxMessage: 7610}, "no patience": {Patience: -1},
	} {
		_, err := nfc.NewCard(config)
		require.Error(t, err, name)
	}
}

// User presence by the field (CTAP 2.3 §5, evidence of user interaction).
func TestPresence(t *testing.T) {
	t.Parallel()
	r := newSelected(t, nfc.CardConfig{})
	assert.True(t, r.UserPresent(r.now.Add(120*time.Second-1)))
	assert.False(t, r.UserPresent(r.now), "it was used")
	r.play(step{say: selectFIDO, want: "4649444f5f325f309000"})
	assert.False(t, r.UserPresent(r.now), "selecting is nothing that a user does")
	r.play(step{off: true}, step{on: true})
	assert.False(t, r.UserPresent(r.now.Add(120*time.Second)), "too late")
	r.play(step{off: true}, step{on: true}, step{off: true})
	assert.False(t, r.UserPresent(r.now), "out of the field")
}
