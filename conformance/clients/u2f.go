package clients

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/internal/report"
)

// apdu is a U2F command that the client sent (FIDO U2F Raw Message Formats §3).
type apdu struct {
	raw    []byte
	ins    byte
	p1     byte
	data   []byte
	wrong  error
	status uint16
}

// Instructions, control bytes and status words.
const (
	insRegister     = 1
	insAuthenticate = 2
	insVersion      = 3
	controlCheck    = 7
	controlSign     = 3
	swOK            = 0x9000
	swConditions    = 0x6985
	swWrongData     = 0x6A80
	swWrongLength   = 0x6700
	swUnknown       = 0x6D00
)

// u2fScript is what a case changes of U2F.
type u2fScript struct {
	// untouched is how often the device asks for a touch before it is touched.
	untouched int
	// answer changes what a command is answered with; ins is the command's.
	answer func(ins byte, honest []byte) []byte
}

// giveU2F lets the device speak U2F alone, or beside CTAP2.
func (d *Device) giveU2F(alone bool) {
	d.script.hid.capabilities = capCBOR
	if alone {
		d.script.hid.capabilities = capWink
		return
	}
	versions, _ := d.script.info.Get(infoVersions)
	d.script.with(infoVersions, append(slices.Clone(versions.(cbor.Array)), "U2F_V2"))
}

// exchangeAPDU answers one U2F command.
func (d *Device) exchangeAPDU(raw []byte) []byte {
	a := readAPDU(raw)
	d.mu.Lock()
	answer, status := d.u2f(&a)
	answer = binary.BigEndian.AppendUint16(answer, status)
	if d.script.u2f.answer != nil {
		answer = d.script.u2f.answer(a.ins, answer)
	}
	a.status = status
	d.apdus = append(d.apdus, a)
	d.mu.Unlock()
	d.record(report.Message{From: "client", To: "authenticator", Layer: "U2F", Name: a.name(), Bytes: raw}, a.text)
	d.record(report.Message{From: "authenticator", To: "client", Layer: "U2F", Name: a.name(), Status: statusWord(answer), Bytes: answer}, func() string { return "" })
	return answer
}

// name is the command's.
func (a *apdu) name() string {
	switch a.ins {
	case insRegister:
		return "U2F_REGISTER"
	case insAuthenticate:
		return "U2F_AUTHENTICATE"
	case insVersion:
		return "U2F_VERSION"
	}
	return fmt.Sprintf("instruction 0x%02x", a.ins)
}

// text tells the parameters of a command to people.
func (a *apdu) text() string {
	switch {
	case a.wrong != nil:
		return a.wrong.Error()
	case a.ins == insRegister && len(a.data) == 64:
		return fmt.Sprintf("challenge: %x\napplication: %x", a.data[:32], a.data[32:])
	case a.ins == insAuthenticate && len(a.data) > 64:
		return fmt.Sprintf("control: 0x%02x\nchallenge: %x\napplication: %x\nkey handle: %x", a.p1, a.data[:32], a.data[32:64], a.data[65:])
	}
	return ""
}

// statusWord is the one that an answer ends in.
func statusWord(answer []byte) string {
	if len(answer) < 2 {
		return "(no status word)"
	}
	return fmt.Sprintf("0x%x", answer[len(answer)-2:])
}

// readAPDU reads the extended form, and the short one.
func readAPDU(raw []byte) apdu {
	a := apdu{raw: raw}
	if len(raw) < 4 {
		a.wrong = errors.New("it is shorter than its head")
		return a
	}
	a.ins, a.p1 = raw[1], raw[2]
	rest := raw[4:]
	switch {
	case len(rest) == 0 || len(rest) == 1 || len(rest) == 3 && rest[0] == 0:
		return a // no data
	case rest[0] == 0 && len(rest) >= 3:
		n := int(binary.BigEndian.Uint16(rest[1:]))
		if rest = rest[3:]; len(rest) == n || len(rest) == n+2 {
			a.data = rest[:n]
			return a
		}
	default:
		n := int(rest[0])
		if rest = rest[1:]; len(rest) == n || len(rest) == n+1 {
			a.data = rest[:n]
			return a
		}
	}
	a.wrong = errors.New("its length does not say how long it is")
	return a
}

func (d *Device) u2f(a *apdu) ([]byte, uint16) {
	if a.wrong != nil {
		return nil, swWrongLength
	}
	switch a.ins {
	case insVersion:
		return []byte("U2F_V2"), swOK
	case insRegister:
		return d.register(a.data)
	case insAuthenticate:
		return d.authenticate(a.p1, a.data)
	}
	return nil, swUnknown
}

func (d *Device) untouched() bool {
	if d.script.u2f.untouched > 0 {
		d.script.u2f.untouched--
		return true
	}
	return false
}

func (d *Device) register(data []byte) ([]byte, uint16) {
	switch {
	case len(data) != 64:
		return nil, swWrongLength
	case d.untouched():
		return nil, swConditions
	}
	challenge, application := data[:32], data[32:]
	handle := append([]byte("u2f key handle: "), application...)
	point, _ := d.key.PublicKey.Bytes() // of a curve that has an encoding
	d.passkeys = append(d.passkeys, passkey{id: handle, rpID: string(application)})
	out := append([]byte{5}, point...)
	out = append(append(out, byte(len(handle))), handle...)
	out = append(out, d.certificate()...)
	return append(out, d.sign([]byte{0}, application, challenge, handle, point)...), swOK
}

// certificate is that of the attestation key, which is the one of the credentials.
func (d *Device) certificate() []byte {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the judge of clients"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, d.key.Public(), d.key)
	if err != nil {
		return nil // which no template like this leads to
	}
	return der
}

func (d *Device) authenticate(control byte, data []byte) ([]byte, uint16) {
	if len(data) < 65 || len(data) != 65+int(data[64]) {
		return nil, swWrongLength
	}
	challenge, application, handle := data[:32], data[32:64], data[65:]
	held := false
	for i := range d.passkeys {
		p := &d.passkeys[i]
		if bytes.Equal(p.id, handle) && (p.rpID == string(application) || bytes.Equal(hashOf(p.rpID), application)) {
			held = true
		}
	}
	switch {
	case !held:
		return nil, swWrongData
	case control == controlCheck, d.untouched():
		return nil, swConditions
	}
	out := []byte{1, 0, 0, 0, 9}
	return append(out, d.sign(application, out, challenge)...), swOK
}

// holdU2F lets the device hold a key handle for an application.
func (d *Device) holdU2F(handle []byte, id string) {
	application := sha256.Sum256([]byte(id))
	d.passkeys = append(d.passkeys, passkey{id: handle, rpID: string(application[:])})
}
