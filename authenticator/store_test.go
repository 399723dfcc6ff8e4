package authenticator_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/storetest"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Medium {
		store := authenticator.NewMemoryStore()
		return storetest.Medium{Open: func() (authenticator.Store, error) { return store, nil }}
	})
}

func TestFileStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Medium {
		path := filepath.Join(t.TempDir(), "store")
		return storetest.Medium{Open: func() (authenticator.Store, error) { return authenticator.OpenFileStore(path) }}
	})
}

func TestFileStoreWithoutPower(t *testing.T) {
	t.Parallel()
	for halves, leaves := range []string{"nothing", "half", "all"} {
		t.Run(fmt.Sprintf("a cut leaves %s of what was not synced", leaves), func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(*testing.T) storetest.Medium {
				disk := authenticator.NewPowerDisk(halves)
				return storetest.Medium{Open: disk.OpenStore, Power: disk}
			})
		})
	}
}
