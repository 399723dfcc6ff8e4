package authenticator_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// With these two set, the test binary is the child of TestFileStoreSurvivesKill.
const (
	killStore = "PASSKEYLAB_TEST_KILL_STORE"
	killRound = "PASSKEYLAB_TEST_KILL_ROUND"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(killStore); path != "" {
		makeCredentialsUntilKilled(path, os.Getenv(killRound))
	}
	os.Exit(m.Run())
}

// makeCredentialsUntilKilled writes the ID of each credential to standard output
// as soon as the device has answered. It never returns.
func makeCredentialsUntilKilled(path, round string) {
	give := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	number, err := strconv.ParseUint(round, 10, 64)
	give(err)
	store, err := authenticator.OpenFileStoreCompacting(path, 16<<10)
	give(err)
	device, err := authenticator.New(authenticator.Laptop(), authenticator.Env{
		Store: store, User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: seed.Stream(number, "child"),
	})
	give(err)
	for i := 0; ; i++ {
		resp, err := device.Do(context.Background(), creation(forUser(fmt.Sprintf("%s-%d", round, i))))
		give(err)
		// The ID lies behind the attested head of the authenticator data.
		authData := resp.(*ctap.MakeCredentialResponse).AuthData
		const at = 32 + 1 + 4 + 16 + 2
		_, err = fmt.Println(hex.EncodeToString(authData[at : at+authenticator.Laptop().CredentialIDBytes]))
		give(err)
	}
}

// Killed without warning, again and again, the store holds all that was ever
// acknowledged.
func TestFileStoreSurvivesKill(t *testing.T) {
	t.Parallel()
	const rounds = 100
	path := filepath.Join(t.TempDir(), "keys")
	random := rand.New(seed.Stream(1, "kill"))
	var acknowledged []string
	for round := range rounds {
		acknowledged = append(acknowledged, killedChild(t, path, round, random.IntN(10*65))...)
		store, err := authenticator.OpenFileStore(path)
		require.NoError(t, err, "round %d", round)
		for _, id := range acknowledged {
			raw, err := hex.DecodeString(id)
			require.NoError(t, err)
			found, err := store.Find(t.Context(), authenticator.Query{ID: raw})
			require.NoError(t, err)
			require.Len(t, found, 1, "round %d: credential %s was acknowledged", round, id)
		}
		require.NoError(t, store.Close())
	}
	assert.Greater(t, len(acknowledged), rounds, "the children came to work")
}

// killedChild runs a child, kills it once it has written a number of bytes, and
// returns the IDs that it got out in whole.
func killedChild(t *testing.T, path string, round, after int) []string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), killStore+"="+path, killRound+"="+strconv.Itoa(round))
	var complaints strings.Builder
	child.Stderr = &complaints
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	reader := bufio.NewReader(out)
	head := make([]byte, after)
	_, err = io.ReadFull(reader, head)
	require.NoError(t, err, "the child ended by itself: %s", &complaints)
	require.NoError(t, child.Process.Kill())
	tail, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Error(t, child.Wait(), "a killed process does not end well")
	lines := strings.Split(string(head)+string(tail), "\n")
	return lines[:len(lines)-1]
}
