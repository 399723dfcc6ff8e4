package u2f_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// Any bytes are a request or have a status word; what is a request means the
// same when it is laid out again.
func FuzzDecodeRequest(f *testing.F) {
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
