//go:build !windows && !darwin

package pcsc

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/transport"
)

func TestReaders(t *testing.T) {
	t.Parallel()
	d := start(t, &pcscd{names: []string{"Virtual PCD 00 00", "Virtual PCD 00 01"}, card: card(t, echo{})})
	readers, err := Readers(t.Context(), d.socket)
	require.NoError(t, err)
	assert.Equal(t, []Reader{{"Virtual PCD 00 00", true, nfc.ATR()}, {Name: "Virtual PCD 00 01"}}, readers)
	assert.Equal(t, []uint32{0x11, 1, 0x12, 2}, d.said())
	readers, err = Readers(t.Context(), start(t, new(pcscd)).socket)
	require.NoError(t, err)
	assert.Empty(t, readers)
}

func TestPick(t *testing.T) {
	t.Parallel()
	one, two, three := Reader{Name: "ACS 00", Card: true}, Reader{Name: "ACS 00 01"}, Reader{Name: "HID 00"}
	all := []Reader{one, two, three}
	for name, want := range map[string]Reader{"": one, "ACS 00": one, "ACS 00 01": two, "01": two, "HID": three} {
		got, err := pick(all, name)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
	for name, says := range map[string]string{"ACS": `2 readers are called "ACS", want one; there are "ACS 00", "ACS 00 01", "HID 00"`, "Sony": "0 readers"} {
		_, err := pick(all, name)
		assert.ErrorContains(t, err, says)
	}
	_, err := pick(nil, "")
	require.ErrorContains(t, err, "0 readers have a card, want one; there is none at all")
	_, err = pick([]Reader{one, {Name: "B", Card: true}}, "")
	require.ErrorContains(t, err, "2 readers have a card")
}

func TestTransmitting(t *testing.T) {
	t.Parallel()
	d := start(t, &pcscd{names: []string{"one"}, card: card(t, echo{})})
	c, err := Open(t.Context(), d.socket, "one")
	require.NoError(t, err)
	assert.Equal(t, Reader{"one", true, nfc.ATR()}, c.Reader())
	client, err := transport.OpenNFC(t.Context(), c, nfc.ReaderConfig{Extended: true})
	require.NoError(t, err)
	for _, n := range []int{1, 256, 7609} {
		answer, err := client.Exchange(t.Context(), make([]byte, n))
		require.NoError(t, err)
		assert.Equal(t, make([]byte, n), answer)
	}
	_, err = c.Transmit(t.Context(), make([]byte, 65549))
	require.ErrorContains(t, err, "at most 65548 fit")
	d.said()
	require.NoError(t, c.Reset(t.Context()))
	require.NoError(t, client.Close())
	require.NoError(t, c.Close(), "again")
	assert.Equal(t, []uint32{5, 9, 6, 2}, d.said())
}

// Versions of the protocol that differ in nothing that we use.
func TestVersions(t *testing.T) {
	t.Parallel()
	for _, minor := range []uint32{4, 5, 6} {
		d := start(t, &pcscd{minor: minor})
		_, err := Readers(t.Context(), d.socket)
		require.NoError(t, err)
	}
	for _, minor := range []uint32{2, 3, 7} {
		d := start(t, &pcscd{minor: minor})
		_, err := Readers(t.Context(), d.socket)
		require.ErrorIs(t, err, otherProtocol)
	}
	_, err := Readers(t.Context(), start(t, &pcscd{major: 5}).socket)
	require.ErrorContains(t, err, "it speaks version 5:4 of its protocol, want 4:4")
}

// What pcscd refuses is told in its words, and the connection lives on.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for command, c := range map[uint32]struct {
		status uint32
		want   Status
	}{
		1: {0x8010006A, NoAccess}, 4: {0x8010000B, SharingViolation},
	} {
		d := start(t, &pcscd{names: []string{"one"}, card: card(t, echo{}), statuses: map[uint32]uint32{command: c.status}})
		_, err := Open(t.Context(), d.socket, "one")
		require.ErrorIs(t, err, c.want)
	}
	d := start(t, &pcscd{names: []string{"one"}, card: card(t, echo{}), statuses: map[uint32]uint32{}})
	c, err := Open(t.Context(), d.socket, "")
	require.NoError(t, err)
	for _, status := range []Status{RemovedCard, NoReader, ResetCard} {
		d.mu.Lock()
		d.statuses[9] = uint32(status)
		d.mu.Unlock()
		d.said()
		_, err := c.Transmit(t.Context(), []byte{0})
		require.ErrorIs(t, err, status)
		want := []uint32{9}
		if status == ResetCard {
			want = []uint32{9, 5}
		}
		assert.Equal(t, want, d.said(), "who was reset is connected anew")
	}
	d.mu.Lock()
	d.statuses[5] = uint32(NoCard)
	d.mu.Unlock()
	require.ErrorIs(t, c.Reset(t.Context()), NoCard)
	response, err := c.Transmit(t.Context(), []byte{0})
	require.NoError(t, err)
	assert.Equal(t, []byte{0x67, 0}, response)
	require.NoError(t, c.Close())
	assert.Equal(t, "pcscd status 0x80100001", Status(0x80100001).Error())
}

// After another program has reset the card, the applet is selected again.
func TestAnotherProgramResets(t *testing.T) {
	t.Parallel()
	chip := card(t, echo{})
	d := start(t, &pcscd{names: []string{"one"}, card: chip, statuses: map[uint32]uint32{}})
	c, err := Open(t.Context(), d.socket, "one")
	require.NoError(t, err)
	client, err := transport.OpenNFC(t.Context(), c, nfc.ReaderConfig{})
	require.NoError(t, err)
	defer client.Close()
	chip.FieldOn()
	d.mu.Lock()
	d.statuses[9] = uint32(ResetCard)
	d.mu.Unlock()
	_, err = client.Exchange(t.Context(), []byte{7})
	require.ErrorIs(t, err, ResetCard)
	answer, err := client.Exchange(t.Context(), []byte{7})
	require.NoError(t, err)
	assert.Equal(t, []byte{7}, answer)
}

// A call that is given up takes the connection with it.
func TestGivingUp(t *testing.T) {
	t.Parallel()
	waiting := make(chan struct{})
	stuck := stuckCard(func(ctx context.Context) { close(waiting); <-ctx.Done() })
	d := start(t, &pcscd{names: []string{"one"}, card: stuck})
	c, err := Open(t.Context(), d.socket, "one")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-waiting; cancel() }()
	_, err = c.Transmit(ctx, []byte{0})
	require.ErrorIs(t, err, context.Canceled)
	_, err = c.Transmit(t.Context(), []byte{0})
	require.ErrorContains(t, err, "broke off")
	require.NoError(t, c.Close())
	_, err = Open(ctx, d.socket, "one")
	require.ErrorIs(t, err, context.Canceled)
}

type stuckCard func(context.Context)

func (s stuckCard) Transmit(ctx context.Context, _ []byte) ([]byte, error) {
	s(ctx)
	return nil, ctx.Err()
}

func TestPCSCDThatBreaksOff(t *testing.T) {
	t.Parallel()
	for over, says := range map[int]string{1: "pcscd hung up", 65547: "at most 65548 are read"} {
		d := start(t, &pcscd{names: []string{"one"}, card: card(t, echo{}), over: over})
		c, err := Open(t.Context(), d.socket, "one")
		require.NoError(t, err)
		_, err = c.Transmit(t.Context(), []byte{0})
		require.ErrorContains(t, err, says)
		require.NoError(t, c.Close())
	}
	for _, command := range []uint32{1, 4, 0x11, 0x12} {
		d := start(t, &pcscd{names: []string{"one"}, card: card(t, echo{}), hangsUp: command})
		_, err := Open(t.Context(), d.socket, "one")
		require.Error(t, err)
		if command != 4 {
			_, err = Readers(t.Context(), d.socket)
			require.Error(t, err)
		}
	}

	nobody := filepath.Join(t.TempDir(), "none")
	_, err := Readers(t.Context(), nobody)
	require.ErrorContains(t, err, "no pcscd to be reached")
	require.ErrorContains(t, err, SocketVariable)
	_, err = Open(t.Context(), nobody, "")
	require.ErrorContains(t, err, "no pcscd to be reached")
}

func TestDialing(t *testing.T) {
	d := start(t, &pcscd{names: []string{"one", "two"}, card: card(t, echo{})})
	t.Setenv(SocketVariable, d.socket)
	client, err := Dial(t.Context(), "pcsc:one")
	require.NoError(t, err)
	answer, err := client.Exchange(t.Context(), []byte(strings.Repeat("7", 300)))
	require.NoError(t, err)
	assert.Len(t, answer, 300)
	require.NoError(t, client.Close())
	for at, says := range map[string]string{"one": "give it as pcsc:READER", "pcsc:three": `pcsc:three: 0 readers are called "three"`} {
		_, err := Dial(t.Context(), at)
		assert.ErrorContains(t, err, says)
	}
	bank := start(t, &pcscd{names: []string{"one"}, card: refusing{}})
	t.Setenv(SocketVariable, bank.socket)
	_, err = Dial(t.Context(), "pcsc:")
	require.ErrorIs(t, err, nfc.ApplicationNotFound)
	assert.Contains(t, bank.said(), uint32(6), "the card is let go of")
	t.Setenv(SocketVariable, "")
	assert.Equal(t, DefaultSocket, SocketPath())
}

// refusing is a card without a FIDO applet.
type refusing struct{}

func (refusing) Transmit(context.Context, []byte) ([]byte, error) { return []byte{0x6A, 0x82}, nil }
