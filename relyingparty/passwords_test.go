package relyingparty

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPasswordHashes(t *testing.T) {
	t.Parallel()
	p, err := newPasswords(LabPasswordCost(), rand.Reader)
	require.NoError(t, err)
	hash, err := p.hash("secret")
	require.NoError(t, err)
	assert.True(t, p.matches(hash, "secret"))
	assert.False(t, p.matches(hash, "Secret"))
	assert.False(t, p.matches("", ""), "no password matches none")
	for _, broken := range []string{"x", "$argon2id$v=18$m=8,t=1,p=1$AA$AA", "$argon2id$v=19$m=0,t=0,p=0$AA$AA", "$argon2id$v=19$m=8,t=1,p=1$!$AA"} {
		assert.False(t, p.matches(broken, "secret"), broken)
	}
	stronger, err := newPasswords(PasswordCost{MemoryKiB: 16, Passes: 2, Threads: 1}, rand.Reader)
	require.NoError(t, err)
	assert.True(t, stronger.matches(hash, "secret"), "hashes carry their own cost")
}

// However many log in at a time, the memory that hashing takes is bounded.
func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, err := newPasswords(LabPasswordCost(), rand.Reader)
		require.NoError(t, err)
		var at atomic.Int32
		more := make(chan struct{})
		p.work = func(string, []byte, PasswordCost) []byte {
			at.Add(1)
			<-more
			return nil
		}
		var all sync.WaitGroup
		for range 3 * hashingAtOnce {
			all.Go(func() { p.matches("", "secret") })
		}
		for began := int32(hashingAtOnce); began < 3*hashingAtOnce; began++ {
			synctest.Wait()
			require.Equal(t, began, at.Load(), "one begins when one has ended")
			more <- struct{}{}
		}
		close(more)
		all.Wait()
	})
}
