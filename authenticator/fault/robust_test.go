package fault_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// burdened is a device with faults, in all the ways that one can be spoken to.
type burdened struct {
	t      testing.TB
	device *authenticator.Authenticator
	usb    *hid.Device
	card   *nfc.Card
	now    time.Time
	broken error
}

func burden(t testing.TB, faults ...fault.Fault) *burdened {
	t.Helper()
	b := &burdened{t: t, now: time.Unix(1_900_000_000, 0)}
	seams := []authenticator.Seams{{Refused: func(_ ctap.Request, err error) {
		if panicked := (*authenticator.PanicError)(nil); errors.As(err, &panicked) {
			b.broken = fmt.Errorf("%w\n%s", panicked, panicked.Stack)
		}
	}}}
	var spoken []hid.Seams
	var held []nfc.Seams
	for _, f := range faults {
		seams, spoken, held = append(seams, f.Seams), append(spoken, f.HID), append(held, f.NFC)
	}
	var err error
	b.device, err = authenticator.New(authenticator.SecurityKey(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
		Clock: authenticator.NewManualClock(b.now), Random: seed.Stream(1, "burden"),
	}, seams...)
	require.NoError(t, err)
	b.usb, err = hid.NewDevice(hid.DeviceConfig{Capabilities: hid.CanCBOR, Seams: spoken})
	require.NoError(t, err)
	b.card, err = nfc.NewCard(nfc.CardConfig{U2F: true, Seams: held})
	require.NoError(t, err)
	b.card.FieldOn(b.now)
	return b
}

// bear sends bytes to the device in each way, and returns when it has answered.
func (b *burdened) bear(message []byte) {
	b.t.Helper()
	answer, err := b.device.Exchange(b.t.Context(), message)
	require.NoError(b.t, err)
	_, err = b.device.ExchangeAPDU(b.t.Context(), message)
	require.NoError(b.t, err)
	report := make([]byte, hid.DefaultReport)
	copy(report, message)
	b.usb.Report(b.now, report)
	if reports, err := hid.Split(hid.DefaultReport, 1, hid.CommandCBOR, message); err == nil {
		b.usb.Report(b.now, reportOfInit(b.t))
		for _, report := range reports {
			if out := b.usb.Report(b.now, report); out.Request != nil {
				b.usb.SetStatus(b.now, out.Request.ID, hid.UserNeeded)
				b.usb.Answer(out.Request.ID, answer)
			}
		}
	}
	if out := b.card.Command(b.now, message); out.Request != nil {
		b.card.Answer(out.Request.ID, answer)
	}
	require.NoError(b.t, b.broken)
}

func reportOfInit(t testing.TB) []byte {
	reports, err := hid.Split(hid.DefaultReport, hid.Broadcast, hid.CommandInit, make([]byte, 8))
	require.NoError(t, err)
	return reports[0]
}

// conversation is what platforms say in earnest, and what nobody says.
func conversation(t testing.TB) [][]byte {
	t.Helper()
	var all [][]byte
	add := func(req ctap.Request) {
		raw, err := ctap.EncodeRequest(req)
		require.NoError(t, err)
		all = append(all, raw, raw[:len(raw)-1], append(raw[:len(raw):len(raw)], 0))
	}
	add(creation(extending(ctap.ExtensionHMACSecret, true), extending(ctap.ExtensionCredProtect, 2), extending(ctap.ExtensionMinPINLength, true)))
	add(creation(forUser("bob"), listed, extending(ctap.ExtensionCredBlob, []byte("blob"))))
	add(creation(func(r *ctap.MakeCredentialRequest) { r.ExcludeList = descriptors(make([]byte, 64)) }))
	add(creation(func(r *ctap.MakeCredentialRequest) { r.PubKeyCredParams[0].Algorithm = int64(webauthn.EdDSA) }))
	add(signIn())
	add(new(ctap.GetNextAssertionRequest))
	add(signIn(allowing(make([]byte, 64)), wanting(ctap.ExtensionHMACSecret, ctap.HMACSecretInput{SaltEnc: make([]byte, 64)})))
	add(new(ctap.GetInfoRequest))
	add(&ctap.ClientPINRequest{SubCommand: ctap.GetKeyAgreement, PinUvAuthProtocol: ptr(uint64(2))})
	add(&ctap.ClientPINRequest{SubCommand: ctap.GetPINRetries})
	add(&ctap.ClientPINRequest{SubCommand: ctap.SetPIN, PinUvAuthProtocol: ptr(uint64(2)), NewPINEnc: make([]byte, 80), PinUvAuthParam: make([]byte, 32)})
	for sub := ctap.GetCredsMetadata; sub <= ctap.UpdateUserInformation; sub++ {
		add(managing(make([]byte, 32), sub, &ctap.CredentialManagementParams{
			RPIDHash: make([]byte, 32), CredentialID: &ctap.Descriptor{Type: ctap.PublicKey, ID: make([]byte, 64)}, User: &ctap.UserEntity{ID: []byte{1}},
		}))
	}
	add(configuring(nil, ctap.SetMinPINLength, ctap.SetMinPINLengthParams{NewMinPINLength: ptr(uint64(6))}))
	add(writing(make([]byte, 32), make([]byte, 17), 0, ptr(uint64(17))))
	add(writing(nil, make([]byte, 5), 17, nil))
	add(&ctap.LargeBlobsRequest{Get: ptr(uint64(10)), Offset: ptr(uint64(0))})
	add(new(ctap.SelectionRequest))
	register, err := u2f.EncodeRequest(new(u2f.RegisterRequest))
	require.NoError(t, err)
	authenticate, err := u2f.EncodeRequest(&u2f.AuthenticateRequest{Control: u2f.EnforcePresence, KeyHandle: make([]byte, 64)})
	require.NoError(t, err)
	add(new(ctap.ResetRequest))
	return append(all, register, authenticate, nil, []byte{0}, []byte{0xFF}, []byte{1, 0xA0}, make([]byte, 64), make([]byte, 1300))
}

// No fault makes a device panic or hang, whatever it is told. The last requests come
// after a power cycle.
func TestNoFaultBreaksADevice(t *testing.T) {
	t.Parallel()
	messages := conversation(t)
	for _, f := range fault.All() {
		t.Run(f.ID, func(t *testing.T) {
			t.Parallel()
			b := burden(t, f)
			for _, m := range messages {
				b.bear(m)
			}
			b.device.PowerCycle()
			for _, m := range messages {
				b.bear(m)
			}
		})
	}
}

// Nor do several together, in any order, some of them limited.
func TestFaultsCompose(t *testing.T) {
	t.Parallel()
	messages := conversation(t)
	const rounds, atOnce = 120, 6
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			random := rand.New(seed.Stream(uint64(round), "compose"))
			all := fault.All()
			var chosen []fault.Fault
			var names []string
			for range atOnce {
				f := all[random.IntN(len(all))]
				names = append(names, f.ID)
				switch random.IntN(4) {
				case 0:
					f = f.OnCall(1 + random.IntN(3))
				case 1:
					f = f.Sometimes(0.5, seed.Stream(uint64(round), f.ID))
				}
				chosen = append(chosen, f)
			}
			t.Log(names)
			b := burden(t, chosen...)
			for _, m := range messages {
				b.bear(m)
			}
			b.device.PowerCycle()
			for range 20 {
				b.bear(messages[random.IntN(len(messages))])
			}
		})
	}
}

// A client with faults of client data goes on with whatever comes of them.
func TestClientFaultsCompose(t *testing.T) {
	t.Parallel()
	for _, f := range fault.All() {
		if f.Group() != "clientdata" {
			continue
		}
		for _, g := range fault.All() {
			if g.Group() != "clientdata" {
				continue
			}
			data := webauthn.ClientData{Type: webauthn.ClientDataGet, Challenge: []byte{1}, Origin: "https://example.com"}
			for _, seams := range []client.Seams{f.Client, g.Client} {
				if seams.ClientData != nil {
					data = seams.ClientData(data)
				}
			}
			json := data.Marshal()
			for _, seams := range []client.Seams{f.Client, g.Client} {
				if seams.ClientDataJSON != nil {
					json = seams.ClientDataJSON(json)
				}
			}
		}
	}
}

// FuzzFaultyDevices sends bytes to a device with two faults.
func FuzzFaultyDevices(f *testing.F) {
	count := len(fault.All())
	for i, m := range conversation(f) {
		f.Add(uint(i*7%count), uint(i*13%count), m)
	}
	f.Fuzz(func(t *testing.T, one, other uint, message []byte) {
		all := fault.All()
		if len(message) > 2000 {
			return
		}
		b := burden(t, all[one%uint(len(all))], all[other%uint(len(all))])
		for _, first := range conversation(t)[:3] {
			b.bear(first)
		}
		b.bear(message)
	})
}
