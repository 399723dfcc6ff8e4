package authenticator_test

import (
	"bytes"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/ctaptest"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// taken is a request apart, member by member.
type taken struct {
	command byte
	members map[int64]canon.Raw
}

func takeApart(t *testing.T, req ctap.Request) taken {
	t.Helper()
	raw := encoded(t, req)
	apart := taken{command: raw[0], members: make(map[int64]canon.Raw)}
	if len(raw) > 1 {
		require.NoError(t, canon.Unmarshal(raw[1:], &apart.members))
	}
	return apart
}

// with puts the request together again, with one member of another value.
func (p taken) with(t *testing.T, key int64, value canon.Raw) []byte {
	t.Helper()
	changed := maps.Clone(p.members)
	changed[key] = value
	body, err := canon.Marshal(changed)
	require.NoError(t, err)
	return append([]byte{p.command}, body...)
}

// filling is the request with one member made so large that the message has size
// bytes.
func (p taken) filling(t *testing.T, key int64, size int, item func(n int) canon.Raw) []byte {
	t.Helper()
	const some = 300 // which has a head as long as any that fits a message
	room := size - len(p.with(t, key, item(some))) + some
	require.Greater(t, room, 256)
	message := p.with(t, key, item(room))
	require.Len(t, message, size)
	return message
}

// unknownMember is one that no command has.
const unknownMember = 99

var largeItems = map[string]func(n int) canon.Raw{
	"bytes": func(n int) canon.Raw { return canon.AppendBytes(nil, make([]byte, n)) },
	"text":  func(n int) canon.Raw { return canon.AppendText(nil, string(bytes.Repeat([]byte{'a'}, n))) },
	"array": func(n int) canon.Raw { return append(canon.AppendArray(nil, n), make([]byte, n)...) }, // of so many zeros
}

// The cases are derived from the messages of every command and subcommand. Each
// member in turn is of a size that only just fits, of one byte more, of a size
// that it claims and does not have, and too deep.
func TestMembersOutOfBounds(t *testing.T) {
	t.Parallel()
	model := authenticator.BioKey()
	model.Config.Vendor = []uint64{7}
	for name, req := range ctaptest.Requests() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apart := takeApart(t, req)
			if len(apart.members) == 0 {
				return // what follows such a command is not looked at: see TestExchangeRefusesWhatIsNoRequest
			}
			status := func(message []byte) ctap.Status {
				answer, err := newRig(t, model, loud(t)).Exchange(t.Context(), message)
				require.NoError(t, err)
				require.NotEmpty(t, answer)
				return ctap.Status(answer[0])
			}
			usual := status(encoded(t, req))
			for kind, item := range largeItems {
				assert.Equal(t, usual, status(apart.filling(t, unknownMember, model.MaxMsgSize, item)), "%s that nobody asked for, at maxMsgSize", kind)
				for key := range apart.members {
					large := status(apart.filling(t, key, model.MaxMsgSize, item))
					assert.NotContains(t, []ctap.Status{ctap.Other, ctap.RequestTooLarge}, large, "member %d is large %s", key, kind)
					assert.Equal(t, ctap.RequestTooLarge, status(apart.filling(t, key, model.MaxMsgSize+1, item)), "member %d is too large %s", key, kind)
				}
			}
			for key := range apart.members {
				for claim, raw := range impossible {
					assert.Equal(t, ctap.InvalidCBOR, status(apart.replacing(t, key, raw)), "member %d is %s", key, claim)
				}
			}
		})
	}
}

// impossible are items that are no canonical CBOR of CTAP2.
var impossible = map[string][]byte{
	"an array of 2^64-1 items":     {0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	"an array of 2^32-1 items":     {0x9a, 0xff, 0xff, 0xff, 0xff},
	"a map of 2^64-1 pairs":        {0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	"2^64-1 bytes":                 {0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	"a text of 2^31 bytes":         {0x7a, 0x80, 0x00, 0x00, 0x00},
	"an array of no stated length": {0x9f, 0xff},
	"five levels deep":             {0x81, 0x81, 0x81, 0x81, 0x80},
	"700 levels deep":              bytes.Repeat([]byte{0x81}, 700),
	"a tag":                        {0xc0, 0x60},
}

// replacing is with for what is no CBOR and cannot be encoded: it finds the bytes
// of the member in the message.
func (p taken) replacing(t *testing.T, key int64, broken []byte) []byte {
	t.Helper()
	mark := canon.AppendBytes(nil, []byte("the member that is to be replaced"))
	message := p.with(t, key, mark)
	require.Equal(t, 1, bytes.Count(message, mark))
	return bytes.Replace(message, mark, broken, 1)
}
