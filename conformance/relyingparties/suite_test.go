package relyingparties_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/relyingparty/conformanceapi"
)

// ours is our own relying party behind the interface.
func ours(t testing.TB) relyingparties.Target {
	t.Helper()
	server, err := conformanceapi.New(conformanceapi.Config{
		RPID: "rp.example", RPName: "Judged", Origin: "https://rp.example", Clock: time.Now, Random: rand.Reader,
	})
	require.NoError(t, err)
	return relyingparties.Target{At: relyingparties.Site{
		URL: "https://rp.example", Transport: relyingparties.Handler{Handler: server},
	}}
}

func TestOurs(t *testing.T) {
	t.Parallel()
	conformance.Test(t, ours(t), relyingparties.Cases(), conformance.Options{Seed: 1, Strict: true})
}
