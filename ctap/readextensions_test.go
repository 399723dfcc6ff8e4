package ctap_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

func TestExtensionInputsReadThemselves(t *testing.T) {
	t.Parallel()
	number, size, yes, text := uint64(2), uint64(9), true, ctap.LargeBlobRequired
	hmac := ctap.HMACSecretInput{
		KeyAgreement: &ctap.KeyAgreement{KeyType: 2, Algorithm: -25, Curve: 1, X: []byte{1}, Y: []byte{2}},
		SaltEnc:      []byte{3}, SaltAuth: []byte{4}, PinUvAuthProtocol: &number,
	}
	blob := ctap.LargeBlobInput{Support: &text, Read: &yes, Write: []byte{}, OriginalSize: &size}
	for _, c := range []struct{ in, out any }{
		{&hmac, new(ctap.HMACSecretInput)}, {&ctap.HMACSecretInput{}, new(ctap.HMACSecretInput)},
		{&blob, new(ctap.LargeBlobInput)}, {&ctap.LargeBlobInput{}, new(ctap.LargeBlobInput)},
	} {
		raw, err := canon.Marshal(c.in)
		require.NoError(t, err)
		require.NoError(t, canon.Unmarshal(raw, c.out))
		assert.Equal(t, c.in, c.out)
	}
}

// Members of others are passed over, members of another type are not.
func TestExtensionInputsAreStrict(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"\xa1\x09\x00", "\xa1\x61x\x00", // unknown keys
		"\xa1\x01\xa2\x05\x00\x21\x41\x01", // an unknown member of keyAgreement
	} {
		assert.NoError(t, canon.Unmarshal([]byte(raw), new(ctap.HMACSecretInput)), "%x", raw)
		assert.NoError(t, canon.Unmarshal([]byte(raw), new(ctap.LargeBlobInput)), "%x", raw)
	}
	for raw, into := range map[string]any{
		"\x80":                 new(ctap.HMACSecretInput),
		"\xa1\x02\x81\x01":     new(ctap.HMACSecretInput), // an array is no byte string
		"\xa1\x01\x80":         new(ctap.HMACSecretInput),
		"\xa1\x01\xa1\x21\x80": new(ctap.HMACSecretInput),
		"\x01":                 new(ctap.LargeBlobInput),
		"\xa1\x65write\x80":    new(ctap.LargeBlobInput),
		"\xa1\x64read\xf6":     new(ctap.LargeBlobInput), // null is nothing
	} {
		var wrong *canon.TypeError
		assert.ErrorAs(t, canon.Unmarshal([]byte(raw), into), &wrong, "%x", raw)
	}
}

// What reads as an input is the same again after writing.
func FuzzExtensionInputs(f *testing.F) {
	f.Add([]byte("\xa3\x01\xa1\x01\x02\x02\x41\x01\x03\x40"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, pair := range [][2]any{
			{new(ctap.HMACSecretInput), new(ctap.HMACSecretInput)}, {new(ctap.LargeBlobInput), new(ctap.LargeBlobInput)},
		} {
			if canon.Unmarshal(raw, pair[0]) != nil {
				continue
			}
			if hmac, ok := pair[0].(*ctap.HMACSecretInput); ok && hmac.KeyAgreement != nil {
				hmac.KeyAgreement.X, hmac.KeyAgreement.Y = append([]byte{}, hmac.KeyAgreement.X...), append([]byte{}, hmac.KeyAgreement.Y...)
			}
			written, err := canon.Marshal(pair[0])
			require.NoError(t, err)
			require.NoError(t, canon.Unmarshal(written, pair[1]))
			assert.Equal(t, pair[0], pair[1])
		}
	})
}
