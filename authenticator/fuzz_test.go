package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/ctaptest"
)

// answered holds a response to what is true of every one.
func answered(t *testing.T, r *rig, request []byte) {
	t.Helper()
	answer, err := r.Exchange(t.Context(), request)
	require.NoError(t, err)
	require.NotEmpty(t, answer)
	if status := ctap.Status(answer[0]); status != ctap.OK {
		require.Len(t, answer, 1, "an error response is one byte")
		require.NotEqual(t, ctap.Other, status, "nothing that a platform can send goes unforeseen")
	}
}

// small is the model with little room, so that it fills up.
func small(m authenticator.Model) authenticator.Model {
	m.Capacity = 3
	return m
}

// newFuzzRig returns a device whose panics are not caught.
func newFuzzRig(t *testing.T, model authenticator.Model) *rig {
	t.Helper()
	return newRig(t, model, authenticator.Seams{Refused: func(_ ctap.Request, err error) {
		var caught *authenticator.PanicError
		if assert.NotErrorAs(t, err, &caught) {
			return
		}
		t.Fatalf("%s", caught.Stack)
	}})
}

// Any bytes are answered, by every kind of device.
func FuzzExchange(f *testing.F) {
	for _, req := range ctaptest.Requests() {
		raw := encoded(f, req)
		f.Add(raw[:len(raw)-1])
		f.Add(append(raw, 0))
	}
	f.Add([]byte{})
	f.Add([]byte{0x01, 0xbf, 0xff})
	f.Fuzz(func(t *testing.T, request []byte) {
		for _, model := range []authenticator.Model{authenticator.Phone(), authenticator.SecurityKey(), authenticator.BioKey(), withoutRK, withoutUV} {
			answered(t, newFuzzRig(t, model), request)
		}
	})
}

// So is any sequence of them, with whatever the user does and with power cycles
// in between, and the device works afterwards. A script is a list of steps: one
// byte that says what, and for a message its length and its bytes.
func FuzzSequence(f *testing.F) {
	f.Fuzz(func(t *testing.T, script []byte) {
		r := newFuzzRig(t, small(authenticator.BioKey()))
		for len(script) >= 2 {
			what, argument := script[0], int(script[1])
			script = script[2:]
			switch what {
			case 0xff:
				acts := []authenticator.Act{authenticator.Approve, authenticator.Decline, authenticator.TimeOut} // Ignore would wait: nobody cancels here
				r.user.Then(acts[argument%len(acts)])
			case 0xfe:
				r.user.WrongFinger(argument)
			case 0xfd:
				r.PowerCycle()
			default:
				size := min(int(what)<<8|argument, len(script))
				answered(t, r, script[:size])
				script = script[size:]
			}
		}
		r.user.Always(authenticator.Approve)
		r.PowerCycle()
		require.Equal(t, ctap.OK, r.status(&ctap.GetInfoRequest{}))
	})
}
