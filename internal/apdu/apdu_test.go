package apdu_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/apdu"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// The seven cases of ISO 7816-4 §5.1, and the forms that are none.
func TestParse(t *testing.T) {
	t.Parallel()
	head := func(c apdu.Command) apdu.Command {
		c.Class, c.Instruction, c.P1, c.P2 = 0x80, 0x10, 0x03, 0x04
		return c
	}
	for _, c := range []struct {
		name, body string
		want       apdu.Command
		wrong      bool
	}{
		{name: "1: nothing", body: "", want: apdu.Command{}},
		{name: "2 short: Le", body: "20", want: apdu.Command{Expected: 32}},
		{name: "2 short: all", body: "00", want: apdu.Command{Expected: 256}},
		{name: "3 short: data", body: "02 aabb", want: apdu.Command{Data: []byte{0xaa, 0xbb}}},
		{name: "4 short: both", body: "02 aabb 10", want: apdu.Command{Data: []byte{0xaa, 0xbb}, Expected: 16}},
		{name: "4 short: both, all", body: "02 aabb 00", want: apdu.Command{Data: []byte{0xaa, 0xbb}, Expected: 256}},
		{name: "2 extended: Le", body: "00 0102", want: apdu.Command{Expected: 258, Extended: true}},
		{name: "2 extended: all", body: "00 0000", want: apdu.Command{Expected: 65536, Extended: true}},
		{name: "3 extended: data", body: "00 0002 aabb", want: apdu.Command{Data: []byte{0xaa, 0xbb}, Extended: true}},
		{name: "4 extended: both", body: "00 0002 aabb 0100", want: apdu.Command{Data: []byte{0xaa, 0xbb}, Expected: 256, Extended: true}},
		{name: "no data, said twice", body: "00 0000 0000", want: apdu.Command{Data: []byte{}, Expected: 65536, Extended: true}},

		{name: "less data than said", body: "03 aabb", wrong: true},
		{name: "more data than said", body: "01 aabbcc", wrong: true},
		{name: "less data than said, extended", body: "00 0003 aabb", want: apdu.Command{Extended: true}, wrong: true},
		{name: "half of an extended Le", body: "00 0002 aabb 01", want: apdu.Command{Extended: true}, wrong: true},
		{name: "a length of data without data", body: "00 0003 00", want: apdu.Command{Extended: true}, wrong: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := apdu.Parse(unhex(t, "80100304"+c.body))
			assert.Equal(t, head(c.want), got)
			if c.wrong {
				assert.ErrorIs(t, err, apdu.ErrLength)
				return
			}
			require.NoError(t, err)
		})
	}
	_, err := apdu.Parse([]byte{0, 1, 2})
	assert.ErrorIs(t, err, apdu.ErrLength)
}

func TestEncodeToTheLimit(t *testing.T) {
	t.Parallel()
	for want, c := range map[int]apdu.Command{
		4:                 {Extended: true}, // without lengths there is no form
		4 + 1 + 255 + 1:   {Data: make([]byte, 255), Expected: 256},
		4 + 3 + 65535 + 2: {Data: make([]byte, 65535), Expected: 65536, Extended: true},
	} {
		raw, err := c.Encode()
		require.NoError(t, err)
		assert.Len(t, raw, want)
	}
}

func TestEncodeRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]apdu.Command{
		"short data":        {Data: make([]byte, 256)},
		"short expected":    {Expected: 257},
		"negative expected": {Expected: -1},
		"extended data":     {Data: make([]byte, 65536), Extended: true},
		"extended expected": {Expected: 65537, Extended: true},
	} {
		_, err := c.Encode()
		assert.ErrorIs(t, err, apdu.ErrLength, name)
	}
}

func TestResponse(t *testing.T) {
	t.Parallel()
	shared := []byte{1, 2, 3, 4}
	response := apdu.Response(shared[:2], 0x6985)
	assert.Equal(t, []byte{1, 2, 0x69, 0x85}, response)
	assert.Equal(t, []byte{1, 2, 3, 4}, shared, "what lies behind the data is somebody else's")
	data, status, err := apdu.Split(response)
	require.NoError(t, err)
	assert.Equal(t, []byte{1, 2}, data)
	assert.Equal(t, uint16(0x6985), status)
	data, _, err = apdu.Split([]byte{0x90, 0})
	require.NoError(t, err)
	assert.Empty(t, data)
	_, _, err = apdu.Split([]byte{0x90})
	assert.ErrorIs(t, err, apdu.ErrLength)
}

// What parses can be laid out again and then means the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"00030000", "0003000000", "00030000000000", "000300000000000000", "0001000002aabb00", "00a4040008a0000006472f000100", "0010000000000401020304"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := apdu.Parse(raw)
		if err != nil {
			require.ErrorIs(t, err, apdu.ErrLength)
			return
		}
		again, err := c.Encode()
		require.NoError(t, err)
		second, err := apdu.Parse(again)
		require.NoError(t, err)
		require.True(t, bytes.Equal(c.Data, second.Data))
		c.Data, second.Data = nil, nil
		if c.Expected == 0 && second.Expected == 0 {
			c.Extended, second.Extended = false, false // a bare head has no form
		}
		require.Equal(t, c, second)
	})
}
