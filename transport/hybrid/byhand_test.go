package hybrid_test

import (
	"context"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// byHandComputer is a computer without any of our rules: its session with the
// phone, after the phone has said what it is and sent an update.
func (r *rig) byHandComputer(t *testing.T, linking protocol.Told) (s *protocol.Session, conn hybrid.Conn, update protocol.Update, phone <-chan error) {
	t.Helper()
	key, err := protocol.NewKey(rand.Reader)
	require.NoError(t, err)
	qr := protocol.QR{Key: key.PublicKey(), Domains: 1, Linking: linking}
	ended := make(chan error, 1)
	go func() { ended <- r.phone.Scan(bounded(t), qr.Text()) }()
	var eid protocol.EID
	listening, stop := context.WithCancel(t.Context())
	defer stop()
	_ = r.air.Scan(listening, func(data []byte) {
		eid, err = qr.Root().EIDKey().Open(data)
		require.NoError(t, err)
		stop()
	})
	conn, _, err = r.service.Dial(t.Context(), eid.Domain(), protocol.ConnectTunnelPath(eid.Routing(), qr.Root().TunnelID()), nil)
	require.NoError(t, err)
	initiator, message, err := protocol.InitiateQR(qr.Root().PSK(eid), key, key)
	require.NoError(t, err)
	require.NoError(t, conn.Send(t.Context(), message))
	answer, err := conn.Receive(t.Context())
	require.NoError(t, err)
	s, err = initiator.Finish(answer)
	require.NoError(t, err)
	hello, err := protocol.DecodeHello(take(t, s, conn))
	require.NoError(t, err)
	assert.Equal(t, protocol.Revision1, hello.Revision)
	frame, err := hello.Revision.DecodeFrame(take(t, s, conn))
	require.NoError(t, err)
	require.Equal(t, protocol.FrameUpdate, frame.Type)
	update, err = protocol.DecodeUpdate(frame.Payload)
	require.NoError(t, err)
	return s, conn, update, ended
}

// byHandPhone is a phone without any of our rules: its session with the computer,
// before it has said anything.
func (r *rig) byHandPhone(t *testing.T, text string) (*protocol.Session, hybrid.Conn) {
	t.Helper()
	qr, err := protocol.ParseQR(text)
	require.NoError(t, err)
	conn, _, err := r.service.Dial(t.Context(), 0, protocol.NewTunnelPath(qr.Root().TunnelID()), nil)
	require.NoError(t, err)
	eid, err := protocol.NewEID(rand.Reader, routingID, 0)
	require.NoError(t, err)
	advert := qr.Root().EIDKey().Seal(eid)
	stop, err := r.air.Advertise(t.Context(), protocol.LegacyServiceUUID, advert[:])
	require.NoError(t, err)
	defer stop()
	message, err := conn.Receive(t.Context())
	require.NoError(t, err)
	key, err := protocol.NewKey(rand.Reader)
	require.NoError(t, err)
	answer, s, err := protocol.RespondQR(qr.Root().PSK(eid), qr.Key, key, message)
	require.NoError(t, err)
	require.NoError(t, conn.Send(t.Context(), answer))
	return s, conn
}

func take(t *testing.T, s *protocol.Session, conn hybrid.Conn) []byte {
	t.Helper()
	message, err := conn.Receive(t.Context())
	require.NoError(t, err)
	plaintext, err := s.Open(message)
	require.NoError(t, err)
	return plaintext
}

func put(t *testing.T, s *protocol.Session, conn hybrid.Conn, plaintext []byte) {
	t.Helper()
	message, err := s.Seal(plaintext)
	require.NoError(t, err)
	require.NoError(t, conn.Send(t.Context(), message))
}

func putFrame(t *testing.T, s *protocol.Session, conn hybrid.Conn, kind protocol.FrameType, payload []byte) {
	t.Helper()
	put(t, s, conn, append([]byte{byte(kind)}, payload...))
}
