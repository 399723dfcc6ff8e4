package authenticators

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/report"
)

// request is a command and its parameters.
type request struct {
	command ctap.Command
	params  cbor.Map
	bare    bool // the command has no parameters
}

func (r request) with(key, value any) request {
	r.params = r.params.With(key, value)
	return r
}

func (r request) without(key any) request {
	r.params = r.params.Without(key)
	return r
}

func (r request) bytes() []byte {
	if r.bare {
		return []byte{byte(r.command)}
	}
	return append([]byte{byte(r.command)}, cbor.Encode(r.params)...)
}

// answer is what a device answered, as the judge reads it.
type answer struct {
	command ctap.Command
	status  ctap.Status
	raw     []byte    // with the status
	item    cbor.Item // what follows the status, where there is something
	members cbor.Map  // the same, where it is a map
	wrong   error     // why it could not be read
}

// maxAnswer is more than any transport carries (CTAP 2.3 §11.2.4).
const maxAnswer = 1 << 16

// send sends a request and returns the answer, whatever the status.
func (k *key) send(r request) answer { return k.sendRaw(r.bytes()) }

// sendRaw sends bytes as they are.
func (k *key) sendRaw(raw []byte) answer { return k.sendWithin(k.Context(), raw) }

// sendWithin gives a request up when ctx ends, as platforms do that cancel.
func (k *key) sendWithin(ctx context.Context, raw []byte) answer {
	k.recordRequest(raw)
	got, err := k.device.Exchange(ctx, raw)
	if err != nil && k.Context().Err() != nil {
		k.Brokenf("no answer came within the time of the case: %v", err)
	}
	if err != nil {
		k.Brokenf("the device could not be asked: %v", err)
	}
	a := read(raw, got)
	k.recordAnswer(a)
	switch {
	case len(got) == 0:
		k.Fatalf("the answer has no bytes, not even a status")
	case len(got) > maxAnswer:
		k.Fatalf("the answer has %d bytes, more than any transport carries", len(got))
	}
	return a
}

func read(sent, got []byte) answer {
	a := answer{command: commandOf(sent)}
	if len(got) == 0 {
		a.wrong = errors.New("there is nothing")
		return a
	}
	a.raw, a.status = got, ctap.Status(got[0])
	if len(got) == 1 || len(got) > maxAnswer {
		return a
	}
	a.item, a.wrong = cbor.Decode(got[1:])
	if m, ok := a.item.Value.(cbor.Map); ok {
		a.members = m
	} else if a.wrong == nil {
		a.wrong = fmt.Errorf("a %s, not a map", cbor.Kind(a.item.Value))
	}
	return a
}

// commandOf is the command of a request, 0 where it has none.
func commandOf(raw []byte) ctap.Command {
	if len(raw) == 0 {
		return 0
	}
	return ctap.Command(raw[0])
}

func (k *key) recordRequest(raw []byte) {
	m := report.Message{From: "judge", To: "device", Layer: "CTAP2", Name: "(no bytes)", Bytes: raw}
	if len(raw) > 0 {
		m.Name = ctap.Command(raw[0]).String()
	}
	k.Record(m, func() string { return describe(raw, requestNames[commandOf(raw)]) })
}

func (k *key) recordAnswer(a answer) {
	m := report.Message{From: "device", To: "judge", Layer: "CTAP2", Name: a.command.String(), Status: "(no bytes)", Bytes: a.raw[:min(len(a.raw), maxAnswer)]}
	if len(a.raw) > 0 {
		m.Status = a.status.String()
	}
	k.Record(m, func() string { return describe(m.Bytes, answerNames[a.command]) })
}

// describe renders what follows the first byte of a message.
func describe(raw []byte, names memberNames) string {
	if len(raw) < 2 {
		return ""
	}
	item, rest, err := cbor.DecodeFirst(raw[1:])
	if err != nil {
		return fmt.Sprintf("(not CBOR: %v)", err)
	}
	text := cbor.Text(item.Value, names.label)
	for _, d := range item.Defects {
		text += fmt.Sprintf("\n(not canonical: %s)", d)
	}
	if len(rest) > 0 {
		text += fmt.Sprintf("\n(%d bytes follow)", len(rest))
	}
	return text
}

// expect ends the case unless the status is one of those wanted.
func (k *key) expect(a answer, want ...ctap.Status) {
	if slices.Contains(want, a.status) {
		return
	}
	k.Differ(statuses(want), a.status.String(), "%s was answered with %s", a.command, a.status)
	k.FailNow()
}

// expectOK ends the case unless the command succeeded with an answer that can be
// read.
func (k *key) expectOK(a answer) {
	k.expect(a, ctap.OK)
	if a.wrong != nil {
		k.Fatalf("%s succeeded, but its answer is not one well-formed map: %v", a.command, a.wrong)
	}
}

// succeeds ends the case unless the command succeeded with an answer that has a
// member; 0 is none in particular.
func (k *key) succeeds(a answer, member int) {
	k.expectOK(a)
	if member != 0 {
		k.member(a, member)
	}
}

// refused ends the case unless the command failed, with whatever status.
func (k *key) refused(a answer) {
	if a.status == ctap.OK {
		k.Differ("any error", a.status.String(), "%s succeeded", a.command)
		k.FailNow()
	}
}

// refusedSince21 ends the case unless the command failed with one of the statuses that
// CTAP 2.1 has for it. Of devices that speak CTAP 2.0 alone any other will do, too.
func (k *key) refusedSince21(a answer, want ...ctap.Status) {
	if k.info().atLeast21() {
		k.expect(a, want...)
		return
	}
	k.refused(a)
}

// unusableOption is how an option is refused that the device knows, and has not got now.
// CTAP 2.0 had another status for it (CTAP 2.0 §5.1 step 4).
func (k *key) unusableOption() []ctap.Status {
	if k.info().atLeast21() {
		return []ctap.Status{ctap.InvalidOption}
	}
	return []ctap.Status{ctap.InvalidOption, ctap.UnsupportedOption}
}

func statuses(all []ctap.Status) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.String()
	}
	return strings.Join(names, " or ")
}

// The members of an answer; a case ends where one is missing or of another type.

func (k *key) bytesOf(a answer, n int) []byte {
	b, ok := k.member(a, n).([]byte)
	if !ok {
		k.wrongType(a, n, "byte string")
	}
	return b
}

func (k *key) uintOf(a answer, n int) uint64 {
	switch v := k.member(a, n).(type) {
	case int64:
		if v >= 0 {
			return uint64(v)
		}
	case uint64:
		return v
	}
	k.wrongType(a, n, "unsigned integer")
	return 0
}

func (k *key) mapOf(a answer, n int) cbor.Map {
	m, ok := k.member(a, n).(cbor.Map)
	if !ok {
		k.wrongType(a, n, "map")
	}
	return m
}

func (k *key) member(a answer, n int) any {
	v, ok := a.members.Get(n)
	if !ok {
		k.Fatalf("the answer to %s lacks %s", a.command, answerNames[a.command].label(int64(n)))
	}
	return v
}

func (k *key) wrongType(a answer, n int, want string) {
	v, _ := a.members.Get(n)
	k.Differ(want, cbor.Kind(v), "%s in the answer to %s is of the wrong type", answerNames[a.command].label(int64(n)), a.command)
	k.FailNow()
}

// absent complains about a member that must not be there.
func (k *key) absent(a answer, n int, why string) {
	if v, ok := a.members.Get(n); ok {
		k.Differ("absent", cbor.Text(v, nil), "%s is in the answer to %s, %s", answerNames[a.command].label(int64(n)), a.command, why)
	}
}

// uncounted complains about numberOfCredentials in an answer where one credential was
// found. CTAP 2.0 had it told whenever no choice was made from a list (CTAP 2.0 §5.2
// steps 9 and 10), so that devices which speak that alone may say that there is one.
func (k *key) uncounted(a answer, why string) {
	if n, ok := a.members.Get(gotNumber); ok && cbor.Same(n, 1) && !k.info().atLeast21() {
		return
	}
	k.absent(a, gotNumber, why)
}
