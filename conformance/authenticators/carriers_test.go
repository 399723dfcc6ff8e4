package authenticators_test

import (
	"context"
	"encoding/binary"
	"io"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// stony is a device whose transports are of stone. What does not come to an end within
// a time comes at once: there is nobody to wait for.
type stony struct {
	authenticators.Device
	hid func(report []byte) [][]byte
	nfc func(command []byte) []byte

	next    uint32 // channel
	reports [][]byte
	endless bool
	may     string // pass more than others
}

func (s *stony) Act(context.Context, authenticators.Act) error { return nil }
func (s *stony) Miss(context.Context, int) error               { return nil }
func (s *stony) AwaitPrompt(context.Context) error             { return nil }
func (s *stony) Pass(context.Context, time.Duration) error     { return nil }
func (s *stony) OpenReports(context.Context) (authenticators.Reports, error) {
	return stonyReports{s}, nil
}
func (s *stony) OpenCard(context.Context) (authenticators.Card, error) { return stonyCard{s}, nil }

type stonyReports struct{ *stony }

// Send answers CTAPHID_INIT on the broadcast channel, and of the rest only the first
// packets of messages.
func (s stonyReports) Send(_ context.Context, report []byte) error {
	switch channel := binary.BigEndian.Uint32(report); {
	case report[4] == 0x86 && channel == 0xFFFFFFFF && report[6] == 8:
		s.next++
		answer := slices.Clone(report)
		answer[6] = 17
		binary.BigEndian.PutUint32(answer[15:], s.next)
		answer[19], answer[23] = 2, 0x07
		s.reports = append(s.reports, answer)
	case report[4]&0x80 != 0:
		s.reports = append(s.reports, s.hid(report)...)
	}
	return nil
}

func (s stonyReports) Receive(ctx context.Context, within time.Duration) ([]byte, time.Duration, error) {
	if ctx.Err() != nil {
		return nil, 0, ctx.Err()
	}
	if len(s.reports) == 0 {
		return nil, within, nil
	}
	report := s.reports[0]
	if !s.endless || len(s.reports) > 1 {
		s.reports = s.reports[1:]
	}
	return report, 0, nil
}

func (s stonyReports) Close() error { return nil }

type stonyCard struct{ *stony }

func (c stonyCard) Transmit(_ context.Context, command []byte) ([]byte, error) {
	response := c.nfc(command)
	if response == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return response, nil
}

func (c stonyCard) Close() error { return nil }

type stonyQuarry struct {
	subject.Target
	stony stony
}

func (q stonyQuarry) Fresh(ctx context.Context, seed uint64) (conformance.Subject, error) {
	made, err := q.Target.Fresh(ctx, seed)
	if err != nil {
		return nil, err
	}
	s := q.stony
	s.Device = made.(authenticators.Device)
	return &s, nil
}

// refusal has every message end with an error.
func refusal(code byte) func([]byte) [][]byte {
	return func(report []byte) [][]byte {
		answer := make([]byte, 64)
		copy(answer, report[:4])
		answer[4], answer[6], answer[7] = 0xBF, 1, code
		return [][]byte{answer}
	}
}

func always(response ...byte) func([]byte) []byte { return func([]byte) []byte { return response } }

// may is what a stone may pass: what CTAPHID_INIT decides, which they answer all, and
// where to refuse everything is right.
const may = `^hid/init/|^nfc/select/(other|before)$`

// No case of a transport passes on a device that always says the same.
func TestStonyTransportsPassNothing(t *testing.T) {
	t.Parallel()
	random := seed.Stream(1, "stones")
	var cases []conformance.Case
	all, err := conformance.Select(authenticators.Cases(), conformance.Selection{Level: conformance.May, Match: []string{"hid", "nfc"}})
	require.NoError(t, err)
	for _, c := range all {
		if c.Section() == "hid" || c.Section() == "nfc" {
			c.Limit = 5 * time.Second
			cases = append(cases, c)
		}
	}
	garbage := func([]byte) [][]byte {
		report := make([]byte, 64)
		_, _ = random.Read(report)
		return [][]byte{report}
	}
	stones := map[string]stony{
		"silent":     {hid: func([]byte) [][]byte { return nil }, nfc: always()},
		"gone":       {hid: func([]byte) [][]byte { return nil }, nfc: func([]byte) []byte { return nil }},
		"refuses":    {hid: refusal(0x01), nfc: always(0x6D, 0)},
		"busy":       {hid: refusal(0x06), nfc: always(0x69, 0x85)},
		"no channel": {hid: refusal(0x0B), nfc: always(0x6A, 0x82)},
		"says yes": {
			hid: func(report []byte) [][]byte { return [][]byte{report} }, nfc: always(0x90, 0),
			may: `|^hid/ping/(0|1|56|57)-bytes|^hid/answer/(padding|report-size)$|^hid/sequence/lone|^hid/capability/wink$|^hid/wink/plain$`, // an echo is right
		},
		"promises": {hid: func(report []byte) [][]byte {
			return [][]byte{append([]byte(nil), append(report[:5:5], 0xFF, 0xFF)...)}
		}, nfc: always(0x61, 0)},
		"promises more": {hid: refusal(0x7F), nfc: always(1, 0x61, 1)},
		"asks to wait": {hid: func(report []byte) [][]byte {
			return [][]byte{append(append(report[:4:4], 0xBB, 0, 1, 2), make([]byte, 56)...)}
		}, nfc: always(1, 0x91, 0), endless: true},
		"short":          {hid: func(report []byte) [][]byte { return [][]byte{report[:8]} }, nfc: always(0x90)},
		"garbles":        {hid: garbage, nfc: func([]byte) []byte { return garbage(nil)[0] }},
		"floods":         {hid: func([]byte) [][]byte { return slices.Repeat(garbage(nil), 1000) }, nfc: func([]byte) []byte { return make([]byte, 1<<20) }},
		"U2F, all right": {hid: refusal(0x03), nfc: always([]byte("U2F_V2\x90\x00")...), may: `|^nfc/select/(plain|u2f|extended|without-le)$|^nfc/u2f/.*/version$`},
	}
	for name, stone := range stones {
		t.Run(name, func(t *testing.T) {
			out := conformance.Run(t.Context(), stonyQuarry{subject.Target{Model: authenticator.SecurityKey()}, stone}, cases, conformance.Options{Parallel: 1})
			allowed := regexp.MustCompile(may + stone.may)
			for _, r := range out.Results {
				if r.Verdict == conformance.Pass && !allowed.MatchString(r.Case.ID) {
					t.Errorf("%s passes", r.Case.ID)
				}
			}
		})
	}
}
