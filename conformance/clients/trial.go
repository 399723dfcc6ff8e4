package clients

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// trial is what a case works with: the client, and the device within its reach.
type trial struct {
	*conformance.Check
	client Client
	device *Device
}

// on is how a case gets its trial.
func on(run func(t *trial)) func(*conformance.Check) {
	return func(c *conformance.Check) {
		client, ok := c.Subject.(Client)
		if !ok {
			c.Brokenf("the target makes no client")
		}
		device, err := newDevice(c.Random, c.Record)
		if err != nil {
			c.Brokenf("the scripted authenticator: %v", err)
		}
		run(&trial{c, client, device})
	}
}

// needPrefix is what the name of a need says before the feature.
const needPrefix = "a client with "

// needs are features of the client.
func needs(features ...Feature) []conformance.Need {
	out := make([]conformance.Need, len(features))
	for i, f := range features {
		out[i] = conformance.Need{Name: needPrefix + string(f), Met: func(c *conformance.Check) bool {
			client, ok := c.Subject.(Client)
			return ok && slices.Contains(client.Features(), f)
		}}
	}
	return out
}

// besideHybrid are features, and that the device is not reached by hybrid transports.
func besideHybrid(features ...Feature) []conformance.Need {
	return append(needs(features...), conformance.Need{Name: needPrefix + "no hybrid transport", Met: func(c *conformance.Check) bool {
		client, ok := c.Subject.(Client)
		return ok && !slices.Contains(client.Features(), OverHybrid)
	}})
}

// What every request is about, unless its case says otherwise.
const (
	site   = "example.com"
	origin = "https://example.com"
)

func (t *trial) request(create bool) *Request {
	challenge := make([]byte, 32)
	_, _ = t.Random.Read(challenge) // which never fails
	kind := "webauthn.get"
	if create {
		kind = "webauthn.create"
	}
	return &Request{
		Create: create, Origin: origin, RPID: site, RPName: "Example", Challenge: challenge,
		ClientData: fmt.Appendf(nil, `{"type":%q,"challenge":%q,"origin":%q,"crossOrigin":false}`, kind, base64url(challenge), origin),
		UserID:     []byte("handle of alice"), UserName: "alice@example.com", DisplayName: "Alice",
		Algorithms: []int64{algES256}, ResidentKey: "discouraged", UserVerification: "discouraged",
	}
}

// another is one more device. It draws from a stream of its own, as clients ask
// devices side by side.
func (t *trial) another() *Device {
	var from [8]byte
	_, _ = t.Random.Read(from[:]) // which never fails
	device, err := newDevice(seed.Stream(binary.BigEndian.Uint64(from[:]), "another device"), t.Record)
	if err != nil {
		t.Brokenf("the scripted authenticator: %v", err)
	}
	return device
}

// creation asks for a credential, as change has it.
func (t *trial) creation(change ...func(*Request)) *Request { return changed(t.request(true), change) }

// assertion asks for an assertion of a credential that the device holds.
func (t *trial) assertion(change ...func(*Request)) *Request {
	r := t.request(false)
	r.List = [][]byte{t.hold(false)}
	return changed(r, change)
}

// discoverable asks for a discoverable credential. Its authenticator can verify its
// user, as all do that have such credentials (§9): browsers do not ask others for them.
func (t *trial) discoverable(r *Request) {
	t.device.giveUV(2, 1)
	r.ResidentKey = "required"
}

// discovery asks for an assertion of whatever discoverable credential there is.
func (t *trial) discovery(change ...func(*Request)) *Request {
	t.device.giveUV(2, 1)
	t.hold(true)
	return changed(t.request(false), change)
}

func changed(r *Request, change []func(*Request)) *Request {
	for _, c := range change {
		c(r)
	}
	return r
}

// hold lets the device hold one more credential for the site, and returns its ID.
func (t *trial) hold(resident bool) []byte {
	return t.holdOn(t.device, resident)
}

func (t *trial) holdOn(d *Device, resident bool) []byte {
	id := make([]byte, 32)
	_, _ = t.Random.Read(id) // which never fails
	n := len(d.passkeys)
	d.passkeys = append(d.passkeys, passkey{id: id, user: fmt.Appendf(nil, "handle %d", n), rpID: site, name: fmt.Sprintf("user %d", n), resident: resident})
	return id
}

// perform has the client carry a request out.
func (t *trial) perform(r *Request) *Result {
	r.PublicKey, _ = t.device.key.PublicKey.Bytes() // of a curve that has an encoding
	t.tellRequest(r)
	result, err := t.client.Perform(t.Context(), t.device, r)
	if errors.Is(err, ErrCrashed) {
		t.Fatalf("%v", err)
	}
	if err != nil && t.Context().Err() != nil {
		t.Brokenf("the client did not answer within the time of the case: %v", err)
	}
	if err != nil {
		t.Brokenf("the client could not be asked: %v", err)
	}
	t.tellResult(r, result)
	if result.Succeeded() {
		t.Logf("the client succeeded")
	} else {
		t.Logf("the client refused: %s %s", result.Error, result.Detail)
	}
	return result
}

// accepted ends the case unless the client succeeded, and the device has made or
// signed what it succeeded with.
func (t *trial) accepted(r *Request) *Result {
	before := t.served(r.Create)
	result := t.perform(r)
	if !result.Succeeded() {
		t.Differ("success", strings.TrimSpace(result.Error+" "+result.Detail), "the client failed at what is by the book")
		t.FailNow()
	}
	if t.served(r.Create) == before {
		t.Fatalf("the client says that it succeeded, and the authenticator has done nothing")
	}
	return result
}

// served counts what the device has made, or signed.
func (t *trial) served(create bool) (n int) {
	command, ins := ctap.CommandGetAssertion, byte(insAuthenticate)
	if create {
		command, ins = ctap.CommandMakeCredential, insRegister
	}
	for _, m := range t.sent(command) {
		if m.status == ctap.OK {
			n++
		}
	}
	for _, a := range t.apdus() {
		if a.ins == ins && a.status == swOK {
			n++
		}
	}
	return n
}

// refused ends the case if the client succeeded.
func (t *trial) refused(r *Request) *Result {
	result := t.perform(r)
	if result.Succeeded() {
		t.Differ("an error", "success", "the client took what it has to refuse")
		t.FailNow()
	}
	return result
}

// refusedAs ends the case unless the client failed by one of these names.
func (t *trial) refusedAs(r *Request, names ...string) {
	if got := t.refused(r).Error; !slices.Contains(names, got) {
		t.Differ(strings.Join(names, " or "), got, "the client threw another error")
		t.FailNow()
	}
}

// sent are the requests for a command, those by which a client only looks for
// credentials left out.
func (t *trial) sent(command ctap.Command) (found []message) {
	for _, m := range t.messages() {
		if m.command == command && !m.silent() {
			found = append(found, m)
		}
	}
	return found
}

// messages are all that the client has sent.
func (t *trial) messages() []message { return t.device.messages() }

func (t *trial) packets() []packet {
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	return slices.Clone(t.device.packets)
}

func (t *trial) apdus() []apdu {
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	return slices.Clone(t.device.apdus)
}

// last is the last request for a command; the case ends where there is none.
func (t *trial) last(command ctap.Command) message {
	all := t.sent(command)
	if len(all) == 0 {
		t.Fatalf("the client did not send %s", command)
	}
	return all[len(all)-1]
}

// pinRequests are the requests of clientPIN with one subcommand.
func (t *trial) pinRequests(sub int64) (found []message) {
	for _, m := range t.sent(ctap.CommandClientPIN) {
		if s, _ := intAt(m.params, pinSubCommand); s == sub {
			found = append(found, m)
		}
	}
	return found
}

// made carries create() out, and returns what was sent for it.
func (t *trial) made(change ...func(*Request)) (message, *Request, *Result) {
	r := t.creation(change...)
	result := t.accepted(r)
	return t.last(ctap.CommandMakeCredential), r, result
}

// signed is the same for get() with an allow list.
func (t *trial) signed(change ...func(*Request)) (message, *Request, *Result) {
	r := t.assertion(change...)
	result := t.accepted(r)
	return t.last(ctap.CommandGetAssertion), r, result
}

// canonical complains about what is not in the canonical form of CTAP2.
func (t *trial) canonical(all []message) {
	for _, m := range all {
		if len(m.raw) < 2 {
			continue
		}
		if m.wrong != nil {
			t.Errorf("the parameters of %s: %v", m.command, m.wrong)
		}
		for _, d := range m.item.Defects {
			t.Errorf("%s is not canonical: %s", m.command, d)
		}
	}
}

// hash is the client data hash that a request must carry: of the client data that
// the client reports, or of those that it was given.
func (t *trial) hash(r *Request, got *Result) []byte {
	data := r.ClientData
	if got.ClientData != nil {
		data = got.ClientData
	}
	sum := sha256.Sum256(data)
	return sum[:]
}

// same complains where bytes differ.
func (t *trial) same(what string, want, got []byte) {
	if !bytes.Equal(want, got) {
		t.Differ(fmt.Sprintf("%x", want), fmt.Sprintf("%x", got), "%s is another", what)
	}
}

// sameText complains where texts differ.
func (t *trial) sameText(what, want, got string) {
	if want != got {
		t.Differ(want, got, "%s is another", what)
	}
}

// absent complains about a member that must not be there.
func (t *trial) absent(m *message, key int, what string) {
	if v, there := m.params.Get(key); there {
		t.Differ("absent", cbor.Text(v, nil), "%s is in %s", what, m.command)
	}
}

// extension is the input of one extension in a request.
func extension(m *message, id string) (any, bool) {
	at := mcExtensions
	if m.command == ctap.CommandGetAssertion {
		at = gaExtensions
	}
	return mapAt(m.params, at).Get(id)
}

// output is one extension output of a result, read as JSON.
func output(r *Result, id string) (members map[string]any) {
	text, err := json.Marshal(r.Extensions[id])
	if err != nil || json.Unmarshal(text, &members) != nil {
		return nil
	}
	return members
}

// limit is for cases in which the client has to lose its patience.
const limit = 90 * time.Second
