package ctaptest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/ctaptest"
)

// Every command that package ctap reads has a request here, and each arrives as
// it was sent.
func TestRequests(t *testing.T) {
	t.Parallel()
	seen := make(map[ctap.Command]bool)
	for name, req := range ctaptest.Requests() {
		raw, err := ctap.EncodeRequest(req)
		require.NoError(t, err, name)
		back, err := ctap.DecodeRequest(raw)
		require.NoError(t, err, name)
		assert.Equal(t, req, back, name)
		assert.LessOrEqual(t, len(raw), int(ctap.DefaultMaxMsgSize), name)
		seen[req.Command()] = true
	}
	for command := range 0x100 {
		_, err := ctap.DecodeRequest([]byte{byte(command)})
		assert.Equal(t, ctap.StatusOf(err) != ctap.InvalidCommand, seen[ctap.Command(command)], ctap.Command(command).String())
	}
}

// What one caller changes, another does not see.
func TestRequestsAreTheCallers(t *testing.T) {
	t.Parallel()
	ctaptest.Requests()["getAssertion"].(*ctap.GetAssertionRequest).AllowList[0].ID[0] = 0
	assert.NotZero(t, ctaptest.Requests()["getAssertion"].(*ctap.GetAssertionRequest).AllowList[0].ID[0])
}
