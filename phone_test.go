package passkeylab

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// scans counts the QR codes that phones have read.
func (r *record) scans() int { return strings.Count(r.transcript(), "read a QR code") }

var getInfo = []byte{byte(ctap.CommandGetInfo)}

// Where the computer gives up, its phone does too: it is heard no more, and nothing
// of the transaction is left.
func TestPhoneLeavesWhereNobodyConnects(t *testing.T) {
	t.Parallel()
	lab := New(t)
	laptop, phone := lab.Laptop("a laptop"), lab.Phone("a phone")
	laptop.UserScansWith(phone)
	near, err := lab.around()
	require.NoError(t, err)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	met := laptop.encounter(protocol.HintAssertion, "")
	for range 3 {
		_, err = met.Exchange(over, getInfo)
		require.ErrorIs(t, err, context.Canceled)
	}
	assert.Equal(t, 3, strings.Count(steps(lab), "a phone: hybrid: "), "each time the phone has left: %s", steps(lab))
	require.ErrorIs(t, near.air.Scan(over, func([]byte) { assert.Fail(t, "a phone is heard") }), context.Canceled)
	met.part()
}

func steps(lab *Lab) string {
	var b strings.Builder
	for _, s := range lab.record.steps {
		b.WriteString(s.Text + "\n")
	}
	return b.String()
}

// A phone that was connected in a ceremony that was given up is not there for the
// next, which shows a code of its own.
func TestEachCeremonyMeetsThePhoneAnew(t *testing.T) {
	t.Parallel()
	lab := New(t)
	laptop, phone := lab.Laptop("a laptop"), lab.Phone("a phone")
	laptop.UserScansWith(phone)
	caller := client.Caller{Origin: "https://example.org"}
	get := func() error {
		_, err := credentials{laptop}.GetJSON(t.Context(), caller, []byte(`{"challenge": "AAAA", "rpId": "example.org"}`))
		return err
	}
	made, err := credentials{laptop}.CreateJSON(t.Context(), caller, []byte(`{"challenge": "AAAA", "rp": {"id": "example.org", "name": "Example"},
		"user": {"id": "AAAA", "name": "alice", "displayName": "Alice"}, "pubKeyCredParams": [],
		"authenticatorSelection": {"residentKey": "required"}}`))
	require.NoError(t, err)
	assert.Contains(t, string(made), `"authenticatorAttachment":"cross-platform"`, "it is no part of the laptop")
	assert.Equal(t, 1, lab.record.scans())
	assert.Contains(t, lab.record.transcript(), "make a passkey")

	phone.info.Store(nil) // so that browsers ask it, over the tunnel, what it is
	laptop.person.reachesFor("something else")
	require.Error(t, get())
	assert.Equal(t, 2, lab.record.scans())
	assert.Contains(t, steps(lab), "the computer has asked for nothing")

	laptop.person.reachesFor(phone.name)
	require.NoError(t, get())
	assert.Equal(t, 3, lab.record.scans())
	assert.Equal(t, 2, strings.Count(lab.record.transcript(), "the computer is done"))
}

// One encounter is one transaction, however much is asked in it.
func TestEncounterLastsForTheCeremony(t *testing.T) {
	t.Parallel()
	lab := New(t)
	laptop, phone := lab.Laptop("a laptop"), lab.Phone("a phone")
	laptop.UserScansWith(phone)
	met := laptop.encounter(protocol.HintAssertion, "")
	for range 2 {
		request, cancel := context.WithCancel(t.Context())
		_, err := ctap.Call(request, met, &ctap.GetAssertionRequest{RPID: "example.org", ClientDataHash: make([]byte, 32)})
		require.ErrorIs(t, err, ctap.NoCredentials)
		cancel() // which is not the end of the ceremony
	}
	met.part()
	met.part()
	assert.Equal(t, 1, lab.record.scans())
	laptop.UserStaysHere()
	require.Nil(t, laptop.encounter("", ""))
	laptop.encounter("", "").part()
}

// Autofill, which waits behind a field unasked, shows no code.
func TestAutofillShowsNoCode(t *testing.T) {
	t.Parallel()
	lab := New(t)
	laptop := lab.Laptop("a laptop")
	laptop.UserScansWith(lab.Phone("a phone"))
	require.NotNil(t, laptop.encounter(protocol.HintAssertion, "optional"))
	require.Nil(t, laptop.encounter(protocol.HintAssertion, client.Conditional))
}
