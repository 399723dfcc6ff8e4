package storetest_test

import (
	"testing"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/storetest"
)

// A store of your own runs the contract in its own test.
func ExampleRun() {
	_ = func(t *testing.T) { // TestMyStore
		storetest.Run(t, func(*testing.T) storetest.Medium {
			store := authenticator.NewMemoryStore()
			return storetest.Medium{Open: func() (authenticator.Store, error) { return store, nil }}
		})
	}
}
