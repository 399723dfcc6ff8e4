package canon_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// message is one of every kind of item, read by hand and by its tags.
type message struct {
	Data  []byte    `cbor:"1,keyasint"`
	Text  string    `cbor:"2,keyasint"`
	Int   int64     `cbor:"3,keyasint"`
	Uint  uint64    `cbor:"4,keyasint"`
	On    bool      `cbor:"5,keyasint"`
	List  []string  `cbor:"6,keyasint"`
	Any   canon.Raw `cbor:"7,keyasint"`
	Inner struct {
		A int64 `cbor:"a"`
	} `cbor:"-1,keyasint"`
}

func (m *message) read(r *canon.Reader) {
	for key := range r.IntKeys {
		switch key {
		case 1:
			m.Data = r.Bytes()
		case 2:
			m.Text = r.Text()
		case 3:
			m.Int = r.Int()
		case 4:
			m.Uint = r.Uint()
		case 5:
			m.On = r.Bool()
		case 6:
			m.List = []string{}
			for range r.Elements {
				m.List = append(m.List, r.Text())
			}
		case 7:
			m.Any = r.Raw()
		case -1:
			for key := range r.TextKeys {
				if string(key) == "a" {
					m.Inner.A = r.Int()
				} else {
					r.Skip()
				}
			}
		default:
			r.Skip()
		}
	}
}

// readings are pairs of canonical bytes and whether they are a message.
var readings = []struct {
	name, hex string
	fits      bool
}{
	{"everything", "a8 01 4101 02 6161 03 20 04 05 05 f5 06 82 6161 6162 07 81 80 20 a2 6161 07 6162 00", true},
	{"nothing", "a0", true},
	{"false", "a1 05 f4", true},
	{"keys unknown or of another type", "a3 08 00 1903e8 80 60 a1 00 00", true},
	{"the largest integers", "a2 03 1b7fffffffffffffff 04 1bffffffffffffffff", true},
	{"the smallest integer", "a1 03 3b7fffffffffffffff", true},
	{"an integer too large", "a1 03 1b8000000000000000", false},
	{"an integer too small", "a1 03 3b8000000000000000", false},
	{"no map", "80", false},
	{"text for bytes", "a1 01 6161", false},
	{"bytes for text", "a1 02 4161", false},
	{"text for an integer", "a1 03 6161", false},
	{"a negative integer without a sign", "a1 04 20", false},
	{"an integer for a boolean", "a1 05 01", false},
	{"another simple value for a boolean", "a1 05 e0", false},
	{"a float with the bits of true", "a1 05 f90015", false},
	{"a map for an array", "a1 06 a0", false},
	{"an element of another type", "a1 06 81 01", false},
	{"an array for a map", "a1 20 80", false},
	{"a text value for an integer inside", "a1 20 a1 6161 6161", false},
}

func TestReadAgreesWithUnmarshal(t *testing.T) {
	t.Parallel()
	for _, c := range readings {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var byHand, byTags message
			err := canon.Read(unhex(t, c.hex), byHand.read)
			other := canon.Unmarshal(unhex(t, c.hex), &byTags)
			if !c.fits {
				var wrongType *canon.TypeError
				require.ErrorAs(t, err, &wrongType)
				require.ErrorAs(t, other, &wrongType)
				return
			}
			require.NoError(t, err)
			require.NoError(t, other)
			assert.Equal(t, byTags, byHand)
		})
	}
}

// What is read by hand is stricter than tags: no member of a message can be null.
func TestReadRefusesNull(t *testing.T) {
	t.Parallel()
	for name, hex := range map[string]string{
		"for the map": "f6", "for bytes": "a1 01 f6", "for a text": "a1 02 f6", "for an integer": "a1 03 f6", "without a sign": "a1 04 f6",
		"for a boolean": "a1 05 f6", "for an array": "a1 06 f6", "for a map": "a1 20 f6", "for an element": "a1 06 81 f6",
		"inside": "a1 20 a1 6161 f6", "undefined": "a1 01 f7",
	} {
		var wrongType *canon.TypeError
		assert.ErrorAs(t, canon.Read(unhex(t, hex), new(message).read), &wrongType, name)
	}
	assert.NoError(t, canon.Read(unhex(t, "a2 07 f6 08 f6"), new(message).read), "of Raw and of keys unknown")
}

func TestReadPassesOverKeysOfAnyType(t *testing.T) {
	t.Parallel()
	var m message
	require.NoError(t, canon.Read(unhex(t, "a4 02 6161 40 01 80 a1 00 00 f5 6161"), m.read))
	assert.Equal(t, message{Text: "a"}, m)
}

func TestReadCountsLevels(t *testing.T) {
	t.Parallel()
	for hex, fits := range map[string]bool{
		"81 81 81 80": true, "81 81 81 81 80": false, "81 81 81 a1 00 a0": false, "82 81 81 80 81 81 80": true,
	} {
		var walk func(r *canon.Reader)
		walk = func(r *canon.Reader) {
			for range r.Elements {
				walk(r)
			}
		}
		data := unhex(t, hex)
		skipped := canon.Read(data, (*canon.Reader).Skip)
		assert.Equal(t, canon.Check(data), skipped, hex)
		assert.Equal(t, fits, skipped == nil, hex)
		if data[3] != 0xa1 {
			assert.Equal(t, skipped, canon.Read(data, walk), hex)
		}
	}
}

func TestReadRefusesBadForm(t *testing.T) {
	t.Parallel()
	for name, hex := range map[string]string{
		"empty": "", "trailing byte": "a000", "duplicate key": "a2 02 6161 02 6161", "no UTF-8": "a1 02 61ff", "a key that is no UTF-8": "a1 20 a1 61ff 00",
	} {
		var form *canon.FormError
		assert.ErrorAs(t, canon.Read(unhex(t, hex), new(message).read), &form, name)
		assert.ErrorAs(t, canon.Unmarshal(unhex(t, hex), new(message)), &form, name)
	}
}

func TestReadEndsWithTheFirstFailure(t *testing.T) {
	t.Parallel()
	why := errors.New("the caller's reason")
	err := canon.Read(unhex(t, "82 00 6161"), func(r *canon.Reader) {
		for range r.Elements {
			r.Skip()
			r.Fail(why)
			assert.Empty(t, r.Text(), "nothing is read after a failure")
		}
	})
	assert.ErrorIs(t, err, why)
	assert.EqualError(t, canon.Read(unhex(t, "a1 01 6161"), new(message).read), "at byte 2: want a byte string, found a text string")
}

func TestReadCopiesUnlessInPlace(t *testing.T) {
	t.Parallel()
	data := unhex(t, "82 4101 4202 03")
	var raw canon.Raw
	var text []byte
	read := func(r *canon.Reader) {
		for range r.Elements {
			if raw == nil {
				raw = r.Raw()
			} else {
				text = r.Bytes()
			}
		}
	}
	require.NoError(t, canon.Read(data, read))
	data[2] = 9
	assert.Equal(t, canon.Raw{0x41, 0x01}, raw)

	raw = nil
	require.NoError(t, canon.ReadInPlace(data, read))
	data[2] = 8
	assert.Equal(t, canon.Raw{0x41, 0x08}, raw)
	assert.Equal(t, []byte{2, 3}, text)
	_ = append(raw, 7)
	assert.Equal(t, []byte{2, 3}, text, "nothing grows into what follows")
	assert.EqualValues(t, 0x42, data[3])
}

// FuzzRead holds the reading by hand to the decoder, wherever both take the
// bytes: only the decoder minds keys of odd types and takes an array of integers
// for a byte string.
func FuzzRead(f *testing.F) {
	for _, c := range readings {
		f.Add(unhex(f, c.hex))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var byHand, byTags message
		err := canon.Read(data, byHand.read)
		if form := canon.Check(data); form != nil {
			require.Equal(t, form, err, "bad form counts first")
		} else if err == nil && canon.Unmarshal(data, &byTags) == nil {
			require.Equal(t, byTags, byHand)
		}
	})
}

func TestRawWithin(t *testing.T) {
	t.Parallel()
	deep := func(levels int) []byte { return append(bytes.Repeat([]byte{0x81}, levels), 0x00) }
	for _, c := range []struct {
		levels, within int
		ok             bool
	}{{4, 4, true}, {5, 4, false}, {5, 5, true}, {0, 0, true}, {1, 0, false}} {
		item := deep(c.levels)
		var got canon.Raw
		err := canon.Read(append([]byte{0x81}, item...), func(r *canon.Reader) {
			for range r.Elements {
				got = r.RawWithin(c.within)
			}
		})
		if c.ok {
			require.NoError(t, err)
			assert.Equal(t, canon.Raw(item), got)
		} else {
			assert.Error(t, err, "%d levels within %d", c.levels, c.within)
		}
	}
}
