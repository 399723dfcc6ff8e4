package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// A seam that panics ends its own request, whatever was asked: also one that could
// not be decoded.
func TestSeamsThatPanic(t *testing.T) {
	t.Parallel()
	for name, seams := range map[string]authenticator.Seams{
		"result":   {Result: func(ctap.Request, any, error) (any, error) { panic("result") }},
		"response": {Response: func([]byte) []byte { panic("response") }},
		"refused":  {Refused: func(ctap.Request, error) { panic("refused") }},
	} {
		for what, request := range map[string][]byte{"getInfo": {byte(ctap.CommandGetInfo)}, "no command": {0x7E}, "nothing": nil} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				a, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
					Store: authenticator.NewMemoryStore(), User: panickingUser{}, Clock: authenticator.SystemClock{}, Random: seed.Stream(1),
				}, seams)
				require.NoError(t, err)
				for range 2 { // the device is free again afterwards
					answer, err := a.Exchange(t.Context(), request)
					require.NoError(t, err)
					if name == "refused" && what == "getInfo" { // nothing is
						assert.Zero(t, answer[0])
						continue
					}
					assert.Equal(t, []byte{byte(ctap.Other)}, answer)
				}
			})
		}
	}
}
