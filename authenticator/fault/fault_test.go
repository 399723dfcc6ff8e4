package fault_test

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// life makes a credential and signs in twice, on a device that is the same each
// time but for its faults.
type life struct {
	made   *ctap.MakeCredentialResponse
	logins [2]*ctap.GetAssertionResponse
}

func live(t *testing.T, faults ...fault.Fault) life {
	t.Helper()
	device := newDevice(t, faults...)
	var l life
	var err error
	l.made, err = ctap.Call(t.Context(), device, creation())
	require.NoError(t, err)
	for i := range l.logins {
		l.logins[i], err = ctap.Call(t.Context(), device, signIn())
		require.NoError(t, err)
	}
	return l
}

func newDevice(t testing.TB, faults ...fault.Fault) *authenticator.Authenticator {
	t.Helper()
	var seams []authenticator.Seams
	for _, f := range faults {
		seams = append(seams, f.Seams)
	}
	device, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
		Clock: authenticator.NewManualClock(time.Unix(0, 0)), Random: seed.Stream(1, "faults"),
	}, seams...)
	require.NoError(t, err)
	return device
}

func TestFlagFaultsClearOneFlag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault fault.Fault
		flag  webauthn.Flags
	}{{fault.UPMissing, webauthn.UserPresent}, {fault.UVMissing, webauthn.UserVerified}} {
		was, is := live(t).logins[0].AuthData[32], live(t, c.fault).logins[0].AuthData[32]
		assert.Equal(t, byte(c.flag), was^is, c.fault.ID)
	}
}

func TestSignatureBitFlipFlipsOneBit(t *testing.T) {
	t.Parallel()
	was, is := live(t).logins[0].Signature, live(t, fault.SignatureBitFlip).logins[0].Signature
	require.Len(t, is, len(was))
	last := len(was) - 1
	assert.Equal(t, was[:last], is[:last])
	assert.Equal(t, byte(1), was[last]^is[last])
}

func TestCounterGoesBackwards(t *testing.T) {
	t.Parallel()
	l := live(t, fault.CounterBackwards)
	made, login := binary.BigEndian.Uint32(l.made.AuthData[33:]), binary.BigEndian.Uint32(l.logins[0].AuthData[33:])
	assert.Less(t, login, made)
	assert.Positive(t, login, "zero would mean that it does not count")
}

func TestOnceAndOnCall(t *testing.T) {
	t.Parallel()
	correct, always := live(t), live(t, fault.UPMissing)
	once := live(t, fault.UPMissing.Once())
	assert.Equal(t, always.made, once.made)
	assert.Equal(t, correct.logins, once.logins)
	third := live(t, fault.UPMissing.OnCall(3), fault.SignatureBitFlip.OnCall(4))
	assert.Equal(t, correct.made, third.made)
	assert.Equal(t, correct.logins[0], third.logins[0])
	assert.Equal(t, always.logins[1], third.logins[1])
	assert.Equal(t, always, live(t, fault.UPMissing), "limiting a fault makes another one")
}

// What a fault would leave as it is, is no occasion.
func TestOnceWaitsForADifference(t *testing.T) {
	t.Parallel()
	device := newDevice(t, fault.UVMissing.Once())
	for _, c := range []struct{ asked, told bool }{{false, false}, {true, false}, {true, true}} {
		resp, err := ctap.Call(t.Context(), device, creation(func(r *ctap.MakeCredentialRequest) {
			if r.Options = nil; c.asked {
				r.Options = &ctap.Options{UV: ptr(true)}
			}
		}))
		require.NoError(t, err)
		assert.Equal(t, c.told, webauthn.Flags(resp.AuthData[32]).Has(webauthn.UserVerified))
	}
}

func TestSometimes(t *testing.T) {
	t.Parallel()
	spoiled := func(p float64, path string) (which string) {
		f := fault.SignatureBitFlip.Sometimes(p, seed.Stream(7, path))
		for range 1000 {
			if f.Seams.Sign(nil, []byte{0})[0] == 1 {
				which += "x"
			} else {
				which += "."
			}
		}
		return which
	}
	assert.Equal(t, strings.Repeat(".", 1000), spoiled(0, "a"))
	assert.Equal(t, strings.Repeat("x", 1000), spoiled(1, "a"))
	third := spoiled(0.3, "a")
	assert.InDelta(t, 300, strings.Count(third, "x"), 60)
	assert.Equal(t, third, spoiled(0.3, "a"), "a seed repeats it")
	assert.NotEqual(t, third, spoiled(0.3, "b"))
	broken := fault.SignatureBitFlip.Sometimes(1, strings.NewReader("short"))
	assert.Equal(t, []byte{0}, broken.Seams.Sign(nil, []byte{0}))
}

// Every seam can be limited, whatever it is called with: it acts at the second
// occasion.
func TestOnCallLimitsEverySeam(t *testing.T) {
	t.Parallel()
	f := spoilingEverything().OnCall(2)
	for name, spoilt := range passages(t, f) {
		var at []bool
		for range 3 {
			at = append(at, spoilt())
		}
		assert.Equal(t, []bool{false, true, false}, at, name)
	}
}

func TestOnCallLeavesAbsentSeamsAbsent(t *testing.T) {
	t.Parallel()
	assert.Equal(t, fault.Fault{ID: "nothing/at-all"}, fault.Fault{ID: "nothing/at-all"}.Once())
}

// A check that a fault does without makes a difference where it would have refused.
func TestOnceWaitsForARefusal(t *testing.T) {
	t.Parallel()
	late, err := fault.Lookup("assert/no-timer")
	require.NoError(t, err)
	late = late.Once()
	for _, around := range late.Seams.Steps {
		for _, c := range []struct{ check, end error }{{nil, nil}, {nil, nil}, {errStep, nil}, {errStep, errStep}} {
			assert.Equal(t, c.end, around(func() error { return c.check }))
		}
	}
}

// A step that a fault leaves out is run where it is not due, and one that it has run
// is not run twice.
func TestLimitedSteps(t *testing.T) {
	t.Parallel()
	ran := 0
	step := func() error { ran++; return errStep }
	at := authenticator.Step{Section: "6.9", Number: "1"}
	for name, around := range map[string]func(func() error) error{
		"left out": func(func() error) error { return nil },
		"changed":  func(run func() error) error { _ = run(); return nil },
	} {
		f := fault.Fault{Seams: authenticator.Seams{Steps: map[authenticator.Step]func(func() error) error{at: around}}}.OnCall(2)
		ran = 0
		require.ErrorIs(t, f.Seams.Steps[at](step), errStep, name)
		assert.Equal(t, 1, ran, name)
		require.NoError(t, f.Seams.Steps[at](step), name)
		require.ErrorIs(t, f.Seams.Steps[at](step), errStep, name)
	}
}

var errStep = errors.New("for the test")

func TestLimitedUser(t *testing.T) {
	t.Parallel()
	sound := new(authenticator.ScriptedUser)
	spoiled := new(authenticator.ScriptedUser)
	f := fault.Fault{Seams: authenticator.Seams{Env: func(e authenticator.Env) authenticator.Env {
		e.User = spoiled
		return e
	}}}.OnCall(2)
	env := f.Seams.Env(authenticator.Env{User: sound})
	for range 3 {
		_, err := env.User.Answer(context.Background(), authenticator.Prompt{Kind: authenticator.SelectDevice})
		require.NoError(t, err)
	}
	assert.Len(t, sound.Asked(), 2)
	assert.Len(t, spoiled.Asked(), 3, "who may do without the sound one, which only shows when asked")
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	all := fault.All()
	assert.Greater(t, len(all), 160)
	assert.True(t, slices.IsSortedFunc(all, func(a, b fault.Fault) int { return strings.Compare(a.ID, b.ID) }), "sorted by ID")
	seen := make(map[string]bool)
	for _, f := range all {
		assert.Regexp(t, `^[a-z0-9]+/[a-z0-9-]+$`, f.ID)
		assert.False(t, seen[f.ID], "%s is there twice", f.ID)
		seen[f.ID] = true
		assert.True(t, strings.HasPrefix(f.ID, f.Group()+"/"))
		assert.Regexp(t, `^(CTAP 2\.3|WebAuthn L3|FIDO U2F|ISO 7816|RFC|FIPS)`, f.Spec, f.ID)
		assert.Regexp(t, `^\S.*[^. ]\.$`, f.Doc, "%s: Doc is a sentence", f.ID)
		assert.NotContains(t, f.Doc, ". ", "%s: Doc is one sentence", f.ID)
		assert.NotContains(t, f.Spec+f.Doc, "|", f.ID)
		found, err := fault.Lookup(f.ID)
		require.NoError(t, err)
		assert.Equal(t, f.Doc, found.Doc)
	}
}

// A fault that is around a step which is not there would do nothing.
func TestStepsOfFaultsExist(t *testing.T) {
	t.Parallel()
	known := authenticator.Steps()
	for _, f := range fault.All() {
		for at := range f.Seams.Steps {
			assert.Contains(t, known, at, f.ID)
		}
	}
}

func TestLookupSuggests(t *testing.T) {
	t.Parallel()
	_, err := fault.Lookup("signature/bitflip")
	assert.EqualError(t, err, `no fault is called "signature/bitflip": did you mean "signature/bit-flip"?`)
	_, err = fault.Lookup("x")
	assert.EqualError(t, err, `no fault is called "x": fault.All lists them`)
	_, err = fault.Lookup("")
	assert.Error(t, err)
}

// A fault that remembers does so for one device.
func TestFaultsDoNotShareTheirMemory(t *testing.T) {
	t.Parallel()
	one, err := fault.Lookup("signature/replayed")
	require.NoError(t, err)
	other, err := fault.Lookup("signature/replayed")
	require.NoError(t, err)
	assert.Equal(t, []byte{1}, one.Seams.Sign(nil, []byte{1}))
	assert.Equal(t, []byte{2}, other.Seams.Sign(nil, []byte{2}))
	assert.Equal(t, []byte{1}, one.Seams.Sign(nil, []byte{3}))
}

// The catalogue bends what a device says; it must not break on what it never
// says.
func TestFaultsLeaveStrangeInputAlone(t *testing.T) {
	t.Parallel()
	for _, f := range fault.All() {
		if seam := f.Seams.AuthData; seam != nil {
			assert.Equal(t, []byte{1}, seam([]byte{1}), f.ID)
		}
		if seam := f.Seams.Sign; seam != nil {
			assert.Empty(t, seam(nil, nil), f.ID)
		}
	}
}
