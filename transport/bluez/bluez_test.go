package bluez_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/bluez"
)

func standIn(t *testing.T) *bluez.StandIn {
	t.Helper()
	s, err := bluez.StartStandIn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func radio(t *testing.T, s *bluez.StandIn) *bluez.Radio {
	t.Helper()
	r, err := bluez.OpenRadio(t.Context(), s.Address())
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() }) // the bus may have ended before
	return r
}

// scan returns what a radio hears, and how to end its scan.
func scan(t *testing.T, r *bluez.Radio) (heard <-chan string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	all, ended := make(chan string, 64), make(chan error, 1)
	go func() { ended <- r.Scan(ctx, func(data []byte) { all <- string(data) }) }()
	return all, func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestAdvertsAreHeard(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ service string }{
		"FIDO": {bluez.FIDOService}, "legacy": {bluez.LegacyService},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := standIn(t)
			stopEarly, err := s.Advertise(t.Context(), c.service, []byte("before the scan"))
			require.NoError(t, err)
			ended, err := s.Advertise(t.Context(), c.service, []byte("over before the scan"))
			require.NoError(t, err)
			ended()
			heard, stop := scan(t, radio(t, s))
			defer stop()
			assert.Equal(t, "before the scan", <-heard)
			require.NoError(t, s.Scanned(soon(t)))
			stopEarly()
			_, err = s.Advertise(t.Context(), "0000180f-0000-1000-8000-00805f9b34fb", []byte("a battery"))
			require.NoError(t, err)
			_, err = s.Advertise(t.Context(), c.service, []byte("during the scan"))
			require.NoError(t, err)
			assert.Equal(t, "during the scan", next(heard, "before the scan"))
		})
	}
}

// next is what is heard first that is not a repetition.
func next(heard <-chan string, before string) string {
	for told := range heard {
		if told != before {
			return told
		}
	}
	return ""
}

func TestRadiosHearEachOther(t *testing.T) {
	t.Parallel()
	s := standIn(t)
	phone, computer := radio(t, s), radio(t, s)
	heard, stop := scan(t, computer)
	require.NoError(t, s.Scanned(soon(t)))
	end, err := phone.Advertise(t.Context(), bluez.FIDOService, []byte("hello"))
	require.NoError(t, err)
	assert.Equal(t, "hello", <-heard)
	stop()

	end()
	again, stop := scan(t, computer)
	defer stop()
	_, err = phone.Advertise(t.Context(), bluez.FIDOService, []byte("once more"))
	require.NoError(t, err)
	assert.Equal(t, "once more", <-again, "and not the advert that has ended")
}

func TestAdvertsEndWithTheirProgram(t *testing.T) {
	t.Parallel()
	s := standIn(t)
	phone, computer := radio(t, s), radio(t, s)
	_, err := phone.Advertise(t.Context(), bluez.FIDOService, []byte("hello"))
	require.NoError(t, err)
	require.NoError(t, phone.Close())
	require.Eventually(t, func() bool { return s.Adverts() == 0 }, 10*time.Second, time.Millisecond)
	heard, stop := scan(t, computer)
	defer stop()
	_, err = s.Advertise(t.Context(), bluez.FIDOService, []byte("another"))
	require.NoError(t, err)
	assert.Equal(t, "another", <-heard)
}

func TestScanEndsWithItsProgram(t *testing.T) {
	t.Parallel()
	s := standIn(t)
	computer := radio(t, s)
	heard, _ := scan(t, computer)
	require.NoError(t, s.Scanned(soon(t)))
	require.NoError(t, computer.Close())
	require.NoError(t, s.Unscanned(soon(t)))
	assert.Empty(t, heard)
}

func TestServiceDataHasALimit(t *testing.T) {
	t.Parallel()
	s := standIn(t)
	for _, size := range []int{0, 248} {
		_, err := s.Advertise(t.Context(), bluez.FIDOService, make([]byte, size))
		require.Error(t, err)
		_, err = radio(t, s).Advertise(t.Context(), bluez.FIDOService, make([]byte, size))
		require.Error(t, err)
	}
}

func TestNoRadio(t *testing.T) {
	t.Parallel()
	_, err := bluez.OpenRadio(t.Context(), "unix:path="+t.TempDir()+"/gone")
	require.ErrorIs(t, err, bluez.ErrNoRadio)
}

func TestScannedGivesUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, standIn(t).Scanned(ctx), context.Canceled)
}
