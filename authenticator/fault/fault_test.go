package fault_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
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
	var seams []authenticator.Seams
	for _, f := range faults {
		seams = append(seams, f.Seams)
	}
	device, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
		Clock: authenticator.NewManualClock(time.Unix(0, 0)), Random: seed.Stream(1, "faults"),
	}, seams...)
	require.NoError(t, err)
	yes := true
	var l life
	l.made, err = ctap.Call(t.Context(), device, &ctap.MakeCredentialRequest{
		ClientDataHash: make([]byte, 32), RP: ctap.RPEntity{ID: "example.com"}, User: ctap.UserEntity{ID: []byte{1}},
		PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey}},
		Options:          &ctap.Options{RK: &yes, UV: &yes},
	})
	require.NoError(t, err)
	for i := range l.logins {
		l.logins[i], err = ctap.Call(t.Context(), device, &ctap.GetAssertionRequest{
			RPID: "example.com", ClientDataHash: make([]byte, 32), Options: &ctap.Options{UV: &yes},
		})
		require.NoError(t, err)
	}
	return l
}

// parts names every part of a life's answers that a fault could change.
func (l life) parts(t *testing.T) map[string]string {
	t.Helper()
	parts := make(map[string]string)
	add := func(prefix string, authData []byte) {
		parts[prefix+"rpIdHash"], parts[prefix+"flags"] = string(authData[:32]), string(authData[32:33])
		parts[prefix+"signCount"], parts[prefix+"rest"] = string(authData[33:37]), string(authData[37:])
	}
	add("made ", l.made.AuthData)
	parts["made signed"] = string(l.made.Statement)
	for i, login := range l.logins {
		prefix := []string{"first ", "second "}[i]
		add(prefix, login.AuthData)
		parts[prefix+"signed"] = string(login.Signature)
		parts[prefix+"credential"] = string(login.Credential.ID) + string(login.User.ID)
	}
	return parts
}

// Each fault changes what it says, and the signature that covers it, and nothing
// else.
func TestEachFaultChangesExactlyThat(t *testing.T) {
	t.Parallel()
	correct := live(t).parts(t)
	everywhere := func(part string) []string {
		return []string{"made " + part, "first " + part, "second " + part}
	}
	signed := everywhere("signed")
	changes := map[string][]string{
		fault.CounterBackwards.ID: slices.Concat(everywhere("signCount"), signed),
		fault.UPMissing.ID:        slices.Concat(everywhere("flags"), signed),
		fault.UVMissing.ID:        slices.Concat(everywhere("flags"), signed),
		fault.OtherRPIDHash.ID:    slices.Concat(everywhere("rpIdHash"), signed),
		fault.SignatureBitFlip.ID: signed,
	}
	for _, f := range fault.All() {
		t.Run(f.ID, func(t *testing.T) {
			t.Parallel()
			want, ok := changes[f.ID]
			require.True(t, ok, "say here what %s changes", f.ID)
			faulty := live(t, f).parts(t)
			var got []string
			for part, value := range faulty {
				if value != correct[part] {
					got = append(got, part)
				}
			}
			assert.ElementsMatch(t, want, got)
		})
	}
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

// Every seam can be limited, also those that no fault uses yet.
func TestOnCallLimitsEverySeam(t *testing.T) {
	t.Parallel()
	acted := make(map[string]int)
	note := func(seam string) { acted[seam]++ }
	f := fault.Fault{Seams: authenticator.Seams{
		Request:  func(r ctap.Request) ctap.Request { note("Request"); return r },
		Response: func(b []byte) []byte { note("Response"); return b },
		AuthData: func(b []byte) []byte { note("AuthData"); return b },
		Sign:     func(_, b []byte) []byte { note("Sign"); return b },
		Answer: func(_ authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
			note("Answer")
			return g, err
		},
		Found: func(_ string, c []*authenticator.Credential) []*authenticator.Credential { note("Found"); return c },
		APDU:  func(b []byte) []byte { note("APDU"); return b },
		Attester: func(a attestation.Attester) attestation.Attester {
			note("Attester")
			return a
		},
	}}
	f = f.OnCall(2)
	live(t, f)
	for range 3 { // which no life speaks
		f.Seams.APDU(nil)
		f.Seams.Attester(nil) // nor does it register twice
	}
	assert.Equal(t, map[string]int{"Request": 1, "Response": 1, "AuthData": 1, "Sign": 1, "Answer": 1, "Found": 1, "APDU": 1, "Attester": 1}, acted)
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	all := fault.All()
	require.NotEmpty(t, all)
	assert.True(t, slices.IsSortedFunc(all, func(a, b fault.Fault) int { return strings.Compare(a.ID, b.ID) }), "sorted by ID")
	seen := make(map[string]bool)
	for _, f := range all {
		assert.Regexp(t, `^[a-z]+/[a-z-]+$`, f.ID)
		assert.False(t, seen[f.ID], "%s is there twice", f.ID)
		seen[f.ID] = true
		assert.NotEmpty(t, f.Spec, f.ID)
		assert.True(t, strings.HasSuffix(f.Doc, "."), "%s: Doc is a sentence", f.ID)
		found, err := fault.Lookup(f.ID)
		require.NoError(t, err)
		assert.Equal(t, f.Doc, found.Doc)
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
