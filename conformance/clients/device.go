package clients

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/report"
)

// Device is the scripted authenticator: correct, but for what its case changes. It
// keeps what it is asked. It is safe for concurrent use.
type Device struct {
	random io.Reader
	record func(report.Message, func() string)
	held   chan struct{} // closed when a request is held
	served chan struct{} // closed when a request for a ceremony was answered

	mu       sync.Mutex
	script   script
	log      []message
	apdus    []apdu
	packets  []packet
	key      *ecdsa.PrivateKey // of every credential
	passkeys []passkey
	queue    []cbor.Map // answers to getNextAssertion
	pin      pinState
	blobs    []byte // the serialized large-blob array
	fresh    []byte // the same while it is written
	total    int64  // how long it will be then
}

// script is what a case changes. What is nil changes nothing. The functions are for
// answers to requests for a ceremony: silent getAssertions, by which clients look
// for credentials, are answered by the book.
type script struct {
	info cbor.Map // what getInfo says

	// status has a command refused; n counts its requests, from 1. 0 is none.
	status map[ctap.Command]func(n int) ctap.Status
	// members change a successful answer, raw the bytes of any, with the status.
	members map[ctap.Command]func(cbor.Map) cbor.Map
	raw     map[ctap.Command]func([]byte) []byte
	// parts change authenticator data before they are encoded, authData after that.
	parts    func(*authParts)
	authData func([]byte) []byte
	// hold has a command wait until it is cancelled, and after all commands for a
	// ceremony until something has happened elsewhere.
	hold  map[ctap.Command]bool
	after <-chan struct{}

	pin pinScript
	u2f u2fScript
	hid hidScript
	// strict has makeCredential for a discoverable credential want verification.
	strict bool
	// evaluations is how many results there are to each salt; 0 is one.
	evaluations int
	// fragment is how many bytes an array without end gives at a time.
	fragment int
}

// message is a request that the client sent.
type message struct {
	command ctap.Command
	raw     []byte    // with the command
	item    cbor.Item // the parameters
	params  cbor.Map
	wrong   error // why the parameters are not one map
	status  ctap.Status
}

// silent reports whether a getAssertion asks for no user presence.
func (m *message) silent() bool {
	up, given := m.option("up")
	return m.command == ctap.CommandGetAssertion && given && !up
}

// ceremony reports whether a request is one that a user has to agree to.
func (m *message) ceremony() bool {
	return m.command == ctap.CommandMakeCredential || m.command == ctap.CommandSelection || m.command == ctap.CommandGetAssertion && !m.silent()
}

// option is one of the options of a request.
func (m *message) option(name string) (value, given bool) {
	at := mcOptions
	if m.command == ctap.CommandGetAssertion {
		at = gaOptions
	}
	all, _ := m.params.Get(at)
	options, _ := all.(cbor.Map)
	v, given := options.Get(name)
	value, _ = v.(bool)
	return value, given
}

// passkey is a credential that the device holds.
type passkey struct {
	id, user []byte
	rpID     string
	name     string
	resident bool
	hidden   bool // without verification, by credProtect (§12.1)
	blobKey  []byte
}

// of reports whether a passkey is for an RP ID, by its hash if it was made by U2F.
func (p *passkey) of(rpID string) bool { return p.rpID == rpID || p.rpID == string(hashOf(rpID)) }

func newDevice(random io.Reader, record func(report.Message, func() string)) (*Device, error) {
	d := &Device{random: random, record: record, held: make(chan struct{}), served: make(chan struct{}), blobs: emptyBlobs}
	d.script.info = plainInfo()
	var err error
	if d.key, err = drawCredentialKey(random); err != nil {
		return nil, err
	}
	d.pin.token = make([]byte, tokenSize)
	if _, err = io.ReadFull(random, d.pin.token); err != nil {
		return nil, err
	}
	d.pin.keys, err = pinuv.NewKeyPair(random)
	return d, err
}

// drawCredentialKey draws until the number is a key; all but one of 2^32 are.
func drawCredentialKey(random io.Reader) (*ecdsa.PrivateKey, error) {
	for {
		scalar := make([]byte, 32)
		if _, err := io.ReadFull(random, scalar); err != nil {
			return nil, err
		}
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar); err == nil {
			return key, nil
		}
	}
}

// Exchange answers one CTAP2 request, for targets that carry whole messages. The
// request is cancelled when ctx ends.
func (d *Device) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	m := readMessage(request)
	d.recordMessage("client", "authenticator", m.command, "", request)
	if d.holds(&m) {
		<-ctx.Done()
		answer := []byte{byte(ctap.KeepaliveCancel)}
		d.note(m, answer)
		return answer, nil
	}
	if !d.due(ctx, &m) {
		answer := []byte{byte(ctap.KeepaliveCancel)}
		d.note(m, answer)
		return answer, nil
	}
	d.mu.Lock()
	answer := d.answer(&m)
	d.log = append(d.log, m)
	if m.ceremony() {
		closeOnce(d.served)
	}
	d.mu.Unlock()
	d.recordMessage("authenticator", "client", m.command, statusOf(answer), answer)
	return answer, nil
}

func (d *Device) note(m message, answer []byte) {
	m.status = ctap.Status(answer[0])
	d.mu.Lock()
	d.log = append(d.log, m)
	d.mu.Unlock()
	d.recordMessage("authenticator", "client", m.command, statusOf(answer), answer)
}

// holds tells whether a request waits, and lets those know who wait for that.
func (d *Device) holds(m *message) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.script.hold[m.command] || m.silent() {
		return false
	}
	closeOnce(d.held)
	return true
}

// due waits for what has to happen before a ceremony is answered. It reports false
// where the client cancels before that.
func (d *Device) due(ctx context.Context, m *message) bool {
	if d.script.after == nil || !m.ceremony() {
		return true
	}
	select {
	case <-d.script.after:
		return true
	case <-ctx.Done():
		return false
	}
}

// closeOnce is called with the lock of who has the channel.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// Held is closed when the device waits for its user in vain.
func (d *Device) Held() <-chan struct{} { return d.held }

// messages are all that a client has sent.
func (d *Device) messages() []message {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.log)
}

// answer is what the script makes of the honest answer.
func (d *Device) answer(m *message) []byte {
	n := 1
	for i := range d.log {
		if d.log[i].command == m.command && !d.log[i].silent() {
			n++
		}
	}
	status, members := d.honest(m, n)
	if refuse := d.script.status[m.command]; refuse != nil && !m.silent() {
		if s := refuse(n); s != ctap.OK {
			status, members = s, nil
		}
	}
	m.status = status
	if status != ctap.OK {
		members = nil
	}
	if change := d.script.members[m.command]; change != nil && members != nil && !m.silent() {
		members = change(members)
	}
	out := []byte{byte(status)}
	if members != nil {
		out = append(out, cbor.Encode(members)...)
	}
	if change := d.script.raw[m.command]; change != nil && !m.silent() {
		out = change(out)
	}
	return out
}

// honest carries a request out.
func (d *Device) honest(m *message, n int) (ctap.Status, cbor.Map) {
	switch {
	case m.command == ctap.CommandGetInfo:
		return ctap.OK, d.script.info
	case m.command == ctap.CommandSelection, m.command == ctap.CommandReset:
		return ctap.OK, nil
	case m.command == ctap.CommandGetNextAssertion:
		return d.next()
	case m.wrong != nil:
		return ctap.InvalidCBOR, nil
	}
	switch m.command {
	case ctap.CommandMakeCredential:
		return d.make(m)
	case ctap.CommandGetAssertion:
		return d.assert(m)
	case ctap.CommandClientPIN:
		return d.clientPIN(m)
	case ctap.CommandLargeBlobs:
		return d.largeBlobs(m)
	}
	return ctap.InvalidCommand, nil
}

func readMessage(raw []byte) message {
	m := message{raw: raw}
	if len(raw) == 0 {
		m.wrong = errors.New("there is no command")
		return m
	}
	m.command = ctap.Command(raw[0])
	if len(raw) == 1 {
		m.wrong = errors.New("there are no parameters")
		return m
	}
	m.item, m.wrong = cbor.Decode(raw[1:])
	params, ok := m.item.Value.(cbor.Map)
	if m.params = params; m.wrong == nil && !ok {
		m.wrong = errors.New("the parameters are a " + cbor.Kind(m.item.Value) + ", not a map")
	}
	return m
}

func statusOf(answer []byte) string {
	if len(answer) == 0 {
		return "(no bytes)"
	}
	return ctap.Status(answer[0]).String()
}

func (d *Device) recordMessage(from, to string, command ctap.Command, status string, raw []byte) {
	d.record(report.Message{From: from, To: to, Layer: "CTAP2", Name: command.String(), Status: status, Bytes: raw}, func() string {
		if len(raw) < 2 {
			return ""
		}
		item, rest, err := cbor.DecodeFirst(raw[1:])
		if err != nil {
			return "(not CBOR: " + err.Error() + ")"
		}
		text := cbor.Text(item.Value, nil)
		if len(rest) > 0 {
			text += "\n(more bytes follow)"
		}
		return text
	})
}
