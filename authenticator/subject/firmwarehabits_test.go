package subject_test

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/webauthn"
)

// asking answers U2F that nobody has touched the device yet, and has the user do so
// before the same is asked again.
func asking() authenticator.Seams {
	asked := false
	return authenticator.Seams{Answer: func(p authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
		if asked = p.Polled && !asked; asked {
			return authenticator.Gesture{}, nil
		}
		return g, err
	}}
}

// resetFirst refuses a reset that is not the first command since the power came.
func resetFirst() authenticator.Seams {
	commands := 0
	return authenticator.Seams{
		Request: func(req ctap.Request) ctap.Request {
			commands++
			return req
		},
		Steps: map[authenticator.Step]func(func() error) error{{Section: "6.6", Number: "1"}: func(run func() error) error {
			if commands > 1 {
				return ctap.Errorf(ctap.NotAllowed, "by habit: something else was asked before")
			}
			return run()
		}},
		PowerCycled: func() { commands = 0 },
	}
}

// declining ends a request with OPERATION_DENIED whatever it was about to tell of, where
// the user declines.
func declining() authenticator.Seams {
	declined := false
	return authenticator.Seams{
		Request: func(req ctap.Request) ctap.Request {
			declined = false
			return req
		},
		Answer: func(_ authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
			declined = err != nil
			return g, err
		},
		Result: func(_ ctap.Request, resp any, err error) (any, error) {
			if declined && ctap.StatusOf(err) == ctap.CredentialExcluded {
				return nil, ctap.Errorf(ctap.OperationDenied, "by habit, instead of: %v", err)
			}
			return resp, err
		},
	}
}

// unsigned refuses a pinUvAuthParam while there is no PIN, of which the text has it passed
// over.
func unsigned(status ctap.Status) authenticator.Seams {
	pin, refused := false, false
	refuse := func(run func() error) error {
		if refused {
			return ctap.Errorf(status, "by habit: nobody can have signed that")
		}
		return run()
	}
	return authenticator.Seams{
		Request: func(req ctap.Request) ctap.Request {
			switch r := req.(type) {
			case *ctap.MakeCredentialRequest:
				refused = !pin && len(r.PinUvAuthParam) > 0
			case *ctap.GetAssertionRequest:
				refused = !pin && len(r.PinUvAuthParam) > 0
			}
			return req
		},
		Steps: map[authenticator.Step]func(func() error) error{
			{Section: "6.1.2", Number: "5"}: refuse, {Section: "6.2.2", Number: "4"}: refuse,
		},
		Result: func(req ctap.Request, resp any, err error) (any, error) {
			if r, is := req.(*ctap.ClientPINRequest); is && err == nil && r.SubCommand == ctap.SetPIN {
				pin = true
			}
			if req != nil && err == nil && req.Command() == ctap.CommandReset {
				pin = false
			}
			return resp, err
		},
	}
}

// guessing tells another number of credentials that there is room for after a reset.
func guessing() authenticator.Seams {
	resets := uint64(0)
	return authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
		if req != nil && err == nil && req.Command() == ctap.CommandReset {
			resets++
		}
		told, is := resp.(*ctap.GetInfoResponse)
		if !is || told.RemainingDiscoverableCredentials == nil {
			return resp, err
		}
		other, n := *told, *told.RemainingDiscoverableCredentials
		n -= min(n, resets)
		other.RemainingDiscoverableCredentials = &n
		return &other, err
	}}
}

const (
	initial    = 0x80
	whereCount = 5
	whereData  = 7
)

// hidError is a report that refuses what came on a channel.
func hidError(channel []byte, code hid.Error) []byte {
	out := make([]byte, 64)
	copy(out, channel)
	copy(out[4:], []byte{initial | byte(hid.CommandError), 0, 1, byte(code)})
	return out
}

// heldBack tells that a message was given up only once it goes on.
func heldBack() hid.Seams {
	var held []byte
	due := false
	return hid.Seams{
		Heard: func(report []byte) []byte {
			due = held != nil && report[4]&initial == 0
			return report
		},
		Said: func(reports [][]byte) [][]byte {
			at := slices.IndexFunc(reports, func(r []byte) bool {
				return r[4] == initial|byte(hid.CommandError) && r[whereData] == byte(hid.MessageTimeout)
			})
			switch {
			case at >= 0:
				held = reports[at]
				return slices.Delete(slices.Clone(reports), at, at+1)
			case due:
				reports, held, due = append(slices.Clone(reports), held), nil, false
			}
			return reports
		},
	}
}

// busyToCancel answers CTAPHID_CANCEL as anything else while another channel waits.
func busyToCancel() hid.Seams {
	var waiting, due []byte
	return hid.Seams{
		Heard: func(report []byte) []byte {
			if waiting != nil && report[4] == initial|byte(hid.CommandCancel) && !slices.Equal(waiting, report[:4]) {
				due = hidError(report[:4], hid.ChannelBusy)
				return nil
			}
			return report
		},
		Said: func(reports [][]byte) [][]byte {
			for _, r := range reports {
				switch r[4] {
				case initial | byte(hid.CommandKeepalive):
					waiting = slices.Clone(r[:4])
				case initial | byte(hid.CommandCBOR):
					waiting = nil
				}
			}
			if due != nil {
				reports, due = append(slices.Clone(reports), due), nil
			}
			return reports
		},
	}
}

// room is how long messages are that a small device has room for, as it says.
const room = 2048

func small() hid.Seams {
	var due []byte
	return hid.Seams{
		Heard: func(report []byte) []byte {
			if report[4]&initial != 0 && binary.BigEndian.Uint16(report[whereCount:]) > room {
				due = hidError(report[:4], hid.InvalidLength)
				return nil
			}
			return report
		},
		Said: func(reports [][]byte) [][]byte {
			if due != nil {
				reports, due = append(slices.Clone(reports), due), nil
			}
			return reports
		},
	}
}

// What independent firmwares do, and no rule forbids, is not blamed.
func TestHabitsOfFirmwareAreNotBlamed(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Level: conformance.Must})
	require.NoError(t, err)
	none := func() authenticator.Seams { return authenticator.Seams{} }
	noneHID := func() hid.Seams { return hid.Seams{} }
	key, pinKey, smallKey := authenticator.SecurityKey(), authenticator.PINKey(), authenticator.SecurityKey()
	smallKey.MaxMsgSize = room
	usbKey := authenticator.SecurityKey()
	usbKey.Transports = []string{webauthn.TransportUSB} // over NFC the tap is the touch
	for name, habit := range map[string]struct {
		seams func() authenticator.Seams
		hid   func() hid.Seams
		model authenticator.Model
	}{
		"U2F is asked again for a touch":                {asking, noneHID, usbKey},
		"a reset is the first command":                  {resetFirst, noneHID, key},
		"who declines is not told what was excluded":    {declining, noneHID, key},
		"a parameter without a PIN has no PIN to go by": {func() authenticator.Seams { return unsigned(ctap.PINNotSet) }, noneHID, pinKey},
		"a parameter without a PIN is no option":        {func() authenticator.Seams { return unsigned(ctap.InvalidOption) }, noneHID, pinKey},
		"the room for credentials is a guess":           {guessing, noneHID, key},
		"retries are told to who names a protocol":      {func() authenticator.Seams { return seamsOf(t, "pin/retries-want-protocol") }, noneHID, key},
		"option rk is invalid in getAssertion, as in 2.0": {func() authenticator.Seams {
			return ending(ctap.UnsupportedOption, ctap.InvalidOption, hasRK)
		}, noneHID, key},
		"a forced change of the PIN makes the PIN invalid": {func() authenticator.Seams { return ending(ctap.PINPolicyViolation, ctap.PINInvalid, usesPIN) }, noneHID, key},
		"timeouts are told late":                           {none, heldBack, key},
		"CTAPHID_CANCEL finds the device busy":             {none, busyToCancel, key},
		"room for messages of 2048 bytes":                  {none, small, smallKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			notBlamed(t, cases, subject.Target{
				Model:    habit.model,
				Seams:    func() []authenticator.Seams { return []authenticator.Seams{habit.seams()} },
				Carriers: func() subject.Carriers { return subject.Carriers{HID: []hid.Seams{habit.hid()}} },
			})
		})
	}
}

func usesPIN(req ctap.Request) bool {
	r, is := req.(*ctap.ClientPINRequest)
	return is && r.SubCommand == ctap.GetPinUvAuthTokenUsingPinWithPermissions
}

func hasRK(req ctap.Request) bool {
	r, is := req.(*ctap.GetAssertionRequest)
	return is && r.Options != nil && r.Options.RK != nil
}

// oneButton is a key at which nobody can decline.
type oneButton struct {
	authenticators.Device
	authenticators.Person
}

func (b oneButton) Act(ctx context.Context, act authenticators.Act) error {
	if act == authenticators.Decline {
		return errors.ErrUnsupported
	}
	return b.Person.Act(ctx, act)
}

type oneButtons struct{ subject.Target }

func (b oneButtons) Fresh(ctx context.Context, seed uint64) (conformance.Subject, error) {
	made, err := b.Target.Fresh(ctx, seed)
	if err != nil {
		return nil, err
	}
	return oneButton{made.(authenticators.Device), made.(authenticators.Person)}, nil
}

// Cases in which a user declines do not concern a key at which nobody can.
func TestOneButton(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Match: []string{"makecredential/presence/declined"}})
	require.NoError(t, err)
	for _, r := range conformance.Run(t.Context(), oneButtons{subject.Target{Model: authenticator.SecurityKey()}}, cases, conformance.Options{Seed: 1}).Results {
		if r.Case.ID == "makecredential/presence/declined" {
			assert.Equal(t, conformance.Unsupported, r.Verdict, r.Reason)
		}
	}
}
