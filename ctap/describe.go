package ctap

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// shownBytes is how much of a byte string a description spells out.
const shownBytes = 40

// DescribeRequest renders an encoded request for people: the command's name,
// and its parameters by the names of the specification. It never fails; what
// does not parse is shown as it is.
func DescribeRequest(raw []byte) (name, text string) {
	if len(raw) == 0 {
		return "(no bytes)", ""
	}
	command := Command(raw[0])
	var message any
	if known, ok := commands[command]; ok {
		message = known.new()
	}
	return command.String(), describeBody(raw[1:], message)
}

// DescribeResponse renders the encoded answer to command: the status by its
// name and the members by theirs.
func DescribeResponse(command Command, raw []byte) (status, text string) {
	if len(raw) == 0 {
		return "(no bytes)", ""
	}
	var message any
	switch command {
	case CommandMakeCredential:
		message = new(MakeCredentialResponse)
	case CommandGetAssertion, CommandGetNextAssertion:
		message = new(GetAssertionResponse)
	case CommandGetInfo:
		message = new(GetInfoResponse)
	case CommandClientPIN:
		message = new(ClientPINResponse)
	case CommandBioEnrollment, CommandBioEnrollmentPreview:
		message = new(BioEnrollmentResponse)
	case CommandCredentialManagement, CommandCredentialManagementPreview:
		message = new(CredentialManagementResponse)
	case CommandLargeBlobs:
		message = new(LargeBlobsResponse)
	}
	return Status(raw[0]).String(), describeBody(raw[1:], message)
}

func describeBody(body []byte, message any) string {
	if len(body) == 0 {
		return ""
	}
	var v any
	if err := canon.Unmarshal(body, &v); err != nil {
		return canon.Diagnose(body)
	}
	d := describer{names: keyNames(message)}
	d.value(v, 0)
	return strings.TrimSpace(d.out.String())
}

// keyNames reads the wire keys beside the fields of a message.
func keyNames(message any) map[uint64]string {
	names := map[uint64]string{}
	if message == nil {
		return names
	}
	for field := range reflect.TypeOf(message).Elem().Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("cbor"), ",")
		if n, err := strconv.ParseUint(key, 10, 64); err == nil {
			names[n] = strings.ToLower(field.Name[:1]) + field.Name[1:]
		}
	}
	return names
}

type describer struct {
	out   strings.Builder
	names map[uint64]string // of the top level
}

func (d *describer) value(v any, depth int) {
	switch v := v.(type) {
	case map[any]any:
		d.entries(v, depth)
	case []any:
		for _, element := range v {
			d.line(depth, "-", element)
		}
	case []byte:
		d.out.WriteString(" " + describeBytes(v) + "\n")
	case string:
		fmt.Fprintf(&d.out, " %q\n", v)
	default:
		fmt.Fprintf(&d.out, " %v\n", v)
	}
}

func (d *describer) entries(m map[any]any, depth int) {
	keys := make([]any, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b any) int {
		// Numbers first, in their order; then text.
		if x, ok := a.(uint64); ok {
			if y, ok := b.(uint64); ok {
				return cmp.Compare(x, y)
			}
		}
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	for _, k := range keys {
		label := fmt.Sprint(k)
		if n, ok := k.(uint64); ok && depth == 0 {
			label = fmt.Sprintf("0x%02X %s", n, d.names[n])
		}
		d.line(depth, label+":", m[k])
		if data, ok := m[k].([]byte); ok && strings.HasSuffix(label, "authData") {
			d.authData(data)
		}
	}
}

// line writes a label and its value, a nested structure on lines of its own.
func (d *describer) line(depth int, label string, v any) {
	d.out.WriteString(strings.Repeat("  ", depth) + label)
	switch v.(type) {
	case map[any]any, []any:
		d.out.WriteByte('\n')
	}
	d.value(v, depth+1)
}

func (d *describer) authData(data []byte) {
	a, err := webauthn.ParseAuthenticatorData(data)
	if err != nil {
		fmt.Fprintf(&d.out, "  (%v)\n", err)
		return
	}
	fmt.Fprintf(&d.out, "  rpIdHash: %x\n  flags: %s\n  signCount: %d\n", a.RPIDHash, a.Flags, a.SignCount)
	if c := a.Attested; c != nil {
		fmt.Fprintf(&d.out, "  aaguid: %s\n  credentialId: %s\n", c.AAGUID, describeBytes(c.CredentialID))
		fmt.Fprintf(&d.out, "  credentialPublicKey: %s\n", canon.Diagnose(c.PublicKey))
	}
	if len(a.Extensions) > 0 {
		fmt.Fprintf(&d.out, "  extensions: %s\n", canon.Diagnose(a.Extensions))
	}
}

func describeBytes(b []byte) string {
	if len(b) <= shownBytes {
		return fmt.Sprintf("h'%x'", b)
	}
	return fmt.Sprintf("h'%x…' (%d bytes)", b[:shownBytes], len(b))
}
