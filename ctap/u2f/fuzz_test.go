package u2f_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// Any bytes are a request or have a status word; what is a request means the
// same when it is laid out again.
func FuzzDecodeRequest(f *testing.F) {
	for _, seed := range []string{"00030000", "00030000 000000 0000", "00010300 000040" + both + "0000", "00018000 40" + both, "00020700 43" + both + "02abcd", "80ff0000 05aa"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		req, err := u2f.DecodeRequest(raw)
		if err != nil {
			require.ErrorAs(t, err, new(*u2f.Error), "a refusal says which status and why")
			return
		}
		again, err := u2f.EncodeRequest(req)
		require.NoError(t, err)
		second, err := u2f.DecodeRequest(again)
		require.NoError(t, err)
		require.Equal(t, req, second)
	})
}

// A response that is read is the bytes that were sent.
func FuzzDecodeResponse(f *testing.F) {
	for _, seed := range []string{"", "6985", "9000", registration + "9000", "01 00000001 ee 9000", "5532465f5632 9000"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if made, err := u2f.DecodeResponse(&u2f.RegisterRequest{}, raw); err == nil {
			require.Equal(t, raw, u2f.EncodeResponse(made, nil))
		}
		if signed, err := u2f.DecodeResponse(&u2f.AuthenticateRequest{}, raw); err == nil {
			require.Equal(t, raw, u2f.EncodeResponse(signed, nil))
		}
		if version, err := u2f.DecodeResponse(&u2f.VersionRequest{}, raw); err == nil {
			require.Equal(t, raw, u2f.EncodeResponse(version, nil))
		}
	})
}
