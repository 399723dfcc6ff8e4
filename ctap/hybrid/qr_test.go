package hybrid_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
)

func TestDigits(t *testing.T) {
	t.Parallel()
	for n, digits := range []int{0, 3, 5, 8, 10, 13, 15, 17, 20} {
		assert.Equal(t, strings.Repeat("0", digits), hybrid.EncodeDigits(make([]byte, n)), "%d bytes", n)
	}
	data := []byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}
	for n := range data {
		decoded, err := hybrid.DecodeDigits(hybrid.EncodeDigits(data[:n]))
		require.NoError(t, err)
		assert.Equal(t, data[:n], decoded)
	}
	for text, says := range map[string]string{
		"1": "1 digits", "12": "2 digits", "1234": "4 digits", strings.Repeat("0", 18): "1 digits",
		"999": "more than 1 bytes", "256": "more than 1 bytes", "99999999999999999": "more than 7 bytes",
		"+12": "'+' is no digit", "12a": "'a' is no digit", "1\u0663": "is no digit", " 12": "no digit",
		strings.Repeat("0", 7090): "at most 7089",
	} {
		_, err := hybrid.DecodeDigits(text)
		require.ErrorIs(t, err, hybrid.ErrDigits, text)
		assert.ErrorContains(t, err, says, text)
	}
}

// The client's key in the codes of these tests is that of the scalar 11…11.
const (
	qrHead   = "00 5821 02 0217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b80282d4ed"
	qrSecret = "01 50 000102030405060708090a0b0c0d0e0f"
)

func TestParseQR(t *testing.T) {
	t.Parallel()
	parse := func(payload string) (*hybrid.QR, error) {
		return hybrid.ParseQR("FIDO:/" + hybrid.EncodeDigits(unhex(t, payload)))
	}
	plain := hybrid.QR{Key: key(t, 0x11).PublicKey(), Secret: [16]byte(unhex(t, "000102030405060708090a0b0c0d0e0f"))}
	for name, c := range map[string]struct {
		payload string
		want    func(q *hybrid.QR)
	}{
		"nothing more": {"a2" + qrHead + qrSecret, func(*hybrid.QR) {}},
		"all": {"a7" + qrHead + qrSecret + "02 02 03 1a 6356217b 04 f5 05 62 6d63 06 f5", func(q *hybrid.QR) {
			q.Domains, q.Time, q.Linking, q.Hint, q.NonDiscoverable = 2, time.Unix(0x6356217b, 0).UTC(), hybrid.ToldYes, hybrid.HintCredential, true
		}},
		"key 6 as channels": {"a3" + qrHead + qrSecret + "06 82 00 01", func(q *hybrid.QR) {
			q.Channels = []uint64{hybrid.ChannelWebSocket, hybrid.ChannelL2CAP}
		}},
		"key 6 false":              {"a3" + qrHead + qrSecret + "06 f4", func(*hybrid.QR) {}},
		"key 6 of another form":    {"a3" + qrHead + qrSecret + "06 81 61 78", func(*hybrid.QR) {}},
		"an unknown hint":          {"a3" + qrHead + qrSecret + "05 63 6e6577", func(q *hybrid.QR) { q.Hint = "new" }},
		"a time that is a text":    {"a3" + qrHead + qrSecret + "03 61 78", func(*hybrid.QR) {}},
		"a time beyond all bounds": {"a3" + qrHead + qrSecret + "03 1b ffffffffffffffff", func(*hybrid.QR) {}},
		"unknown keys":             {"a5" + qrHead + qrSecret + "18 40 80 20 00 61 78 f6", func(*hybrid.QR) {}},
	} {
		q, err := parse(c.payload)
		require.NoError(t, err, name)
		want := plain
		c.want(&want)
		assert.Equal(t, &want, q, name)
	}
	for name, c := range map[string]struct{ payload, says string }{
		"no key":               {"a1" + qrSecret, "required"},
		"no secret":            {"a1" + qrHead, "required"},
		"no map":               {"80", "want a map"},
		"not canonical":        {"a2" + qrSecret + qrHead, "sorted"},
		"bytes after":          {"a2" + qrHead + qrSecret + "00", "nothing follows"},
		"a key not compressed": {"a2 00 5841 04" + strings.Repeat("00", 64) + qrSecret, "65 bytes, want 33"},
		"a key off the curve":  {"a2 00 5821 02" + strings.Repeat("ff", 32) + qrSecret, "not a point"},
		"a secret too short":   {"a2" + qrHead + "01 4f 000102030405060708090a0b0c0d0e", "15 bytes, want 16"},
		"domains as a text":    {"a3" + qrHead + qrSecret + "02 61 32", "want an unsigned integer"},
		"linking as a number":  {"a3" + qrHead + qrSecret + "04 01", "want true or false"},
		"a hint as a number":   {"a3" + qrHead + qrSecret + "05 01", "want a text"},
	} {
		_, err := parse(c.payload)
		require.ErrorIs(t, err, hybrid.ErrQR, name)
		assert.ErrorContains(t, err, c.says, name)
	}
}

func TestQRPrefix(t *testing.T) {
	t.Parallel()
	text := (&hybrid.QR{Key: key(t, 1).PublicKey()}).Text()
	require.True(t, strings.HasPrefix(text, "FIDO:/"))
	for _, prefix := range []string{"fido:/", "Fido:/"} {
		_, err := hybrid.ParseQR(prefix + text[6:])
		assert.NoError(t, err, prefix)
	}
	for _, prefix := range []string{"", "FIDO:", "FIDO://", "HTTP:/"} {
		_, err := hybrid.ParseQR(prefix + text[6:])
		assert.ErrorIs(t, err, hybrid.ErrQR, prefix)
	}
	for _, short := range []string{"", "FIDO:", "FIDO:/"} {
		_, err := hybrid.ParseQR(short)
		assert.ErrorIs(t, err, hybrid.ErrQR, short)
	}
}

func TestKnownDomains(t *testing.T) {
	t.Parallel()
	q := hybrid.QR{Domains: 1}
	assert.True(t, q.Knows(hybrid.DomainGoogle))
	assert.False(t, q.Knows(hybrid.DomainApple))
	assert.True(t, q.Knows(256))

	assert.Equal(t, "cable.ua5v.com", hybrid.DomainGoogle.Host())
	assert.Equal(t, "cable.auth.com", hybrid.DomainApple.Host())
	for _, unassigned := range []hybrid.Domain{2, 255} {
		assert.False(t, unassigned.Known())
		assert.Empty(t, unassigned.Host())
	}
}
