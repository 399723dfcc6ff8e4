package mds_test

import (
	"encoding/base64"
	"path/filepath"
	"sync"
	"testing"

	"github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/metadata/providers/cached"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
)

// A consumer that is not ours downloads the BLOB, keeps it and finds models in it.
func TestGoWebauthnsCachingProvider(t *testing.T) {
	t.Parallel()
	local, err := mds.StartLocal("127.0.0.1:0", config(newClock()), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, local.Close()) })
	local.Publish(key(1), key(2, mds.StatusReport{Status: mds.Revoked}))
	decoder, err := metadata.NewDecoder(metadata.WithRootCertificate(base64.StdEncoding.EncodeToString(local.Root())))
	require.NoError(t, err)
	provider, err := cached.New(cached.WithPath(filepath.Join(t.TempDir(), "blob")), cached.WithMetadataURL(local.URL+"/"), cached.WithDecoder(decoder))
	require.NoError(t, err)
	for n, want := range map[byte]bool{1: true, 2: false} {
		entry, err := provider.GetEntry(t.Context(), uuid.UUID(model(n)))
		require.NoError(t, err)
		require.NotNil(t, entry)
		assert.Equal(t, want, provider.ValidateStatusReports(t.Context(), entry.StatusReports) == nil)
	}
	entry, err := provider.GetEntry(t.Context(), uuid.UUID(model(3)))
	require.NoError(t, err)
	assert.Nil(t, entry)
}

func TestServiceIsSharedSafely(t *testing.T) {
	t.Parallel()
	s, at := newService(t)
	s.Publish(key(1))
	harmless, err := mds.FaultByID("chain/root-included")
	require.NoError(t, err)
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			s.Publish(key(byte(10 + n)))
			_, err := s.Report(model(1), mds.StatusReport{Status: mds.UpdateAvailable})
			assert.NoError(t, err)
			at.days(1)
			_, err = decode(s.Root(), blobOf(t, s))
			assert.NoError(t, err)
			assert.Equal(t, 200, get(t, s, "/").Code)
			s.Break(harmless)
		})
	}
	all.Wait()
	assert.Equal(t, 9, s.Payload().Number)
	assert.Len(t, s.Payload().Entries, 5)
}
