package usbkey_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/usbkey"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	require.NoError(t, usbkey.Check(t.Context()))
}
