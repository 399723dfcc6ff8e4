package hybrid_test

import (
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/testdata"
)

// each runs a test for every vector of a kind, of which there is one at least.
func each[V any](t *testing.T, read func() ([]V, error), name func(V) string, test func(*testing.T, V)) {
	t.Helper()
	all, err := read()
	require.NoError(t, err)
	require.NotEmpty(t, all)
	for _, v := range all {
		t.Run(name(v), func(t *testing.T) {
			t.Parallel()
			test(t, v)
		})
	}
}

func TestDigitsOfVectors(t *testing.T) {
	t.Parallel()
	each(t, testdata.DigitsVectors, func(v testdata.DigitsVector) string { return v.Name }, func(t *testing.T, v testdata.DigitsVector) {
		assert.Equal(t, v.Digits, hybrid.EncodeDigits(v.Bytes))
		decoded, err := hybrid.DecodeDigits(v.Digits)
		require.NoError(t, err)
		assert.Equal(t, v.Bytes, decoded)
	})
}

func TestQRCodesOfVectors(t *testing.T) {
	t.Parallel()
	each(t, testdata.QRVectors, func(v testdata.QRVector) string { return v.Name }, func(t *testing.T, v testdata.QRVector) {
		q, err := hybrid.ParseQR(v.Text)
		require.NoError(t, err)
		assert.Equal(t, v.Key[1:], q.Key.Bytes()[1:33])
		assert.Equal(t, v.Secret, q.Secret[:])
		assert.EqualValues(t, v.Domains, q.Domains)
		assert.Equal(t, time.Unix(v.Time, 0).UTC(), q.Time)
		assert.Equal(t, map[bool]hybrid.Told{true: hybrid.ToldYes, false: hybrid.ToldNo}[v.Linking], q.Linking)
		assert.Equal(t, hybrid.Hint(v.Hint), q.Hint)
		assert.Equal(t, v.Text, q.Text(), "written again it is the same")
		payload, err := hybrid.DecodeDigits(v.Text[len("FIDO:/"):])
		require.NoError(t, err)
		assert.Equal(t, v.Payload, payload)
	})
}

func TestDerivationsOfVectors(t *testing.T) {
	t.Parallel()
	each(t, testdata.DeriveVectors, func(v testdata.DeriveVector) string { return v.Name }, func(t *testing.T, v testdata.DeriveVector) {
		assert.Equal(t, v.Output, hybrid.Derive(len(v.Output), v.Secret, v.Salt, hybrid.Purpose(v.Purpose)))
	})
}

func TestDomainsOfVectors(t *testing.T) {
	t.Parallel()
	each(t, testdata.DomainVectors, func(v testdata.DomainVector) string { return v.Name }, func(t *testing.T, v testdata.DomainVector) {
		assert.Equal(t, v.Host, hybrid.Domain(v.Domain).Host())
	})
}

func TestAdvertsOfVectors(t *testing.T) {
	t.Parallel()
	each(t, testdata.AdvertVectors, func(v testdata.AdvertVector) string { return v.Name }, func(t *testing.T, v testdata.AdvertVector) {
		root := hybrid.FromQR([16]byte(v.Secret))
		tunnel := root.TunnelID()
		assert.Equal(t, v.TunnelID, tunnel[:])
		eid, err := root.EIDKey().Open(v.Advert)
		require.NoError(t, err)
		assert.Equal(t, v.EID, eid[:])
		routing := eid.Routing()
		assert.Equal(t, v.RoutingID, routing[:])
		assert.EqualValues(t, v.Domain, eid.Domain())
		psk := root.PSK(eid)
		assert.Equal(t, v.PSK, psk[:])
		sealed := root.EIDKey().Seal(eid)
		assert.Equal(t, v.Advert, sealed[:])
	})
}

func scalar(t testing.TB, b []byte) *ecdh.PrivateKey {
	t.Helper()
	key, err := ecdh.P256().NewPrivateKey(b)
	require.NoError(t, err)
	return key
}

func TestHandshakesOfVectors(t *testing.T) {
	t.Parallel()
	each(t, testdata.HandshakeVectors, func(v testdata.HandshakeVector) string { return v.Name }, func(t *testing.T, v testdata.HandshakeVector) {
		static, e, re := scalar(t, v.StaticKey), scalar(t, v.ClientEphemeral), scalar(t, v.AuthenticatorEphemeral)
		psk := hybrid.PSK(v.PSK)
		initiate := func() (*hybrid.Initiator, []byte, error) { return hybrid.InitiateQR(psk, static, e) }
		respond := func(m []byte) ([]byte, *hybrid.Session, error) {
			return hybrid.RespondQR(psk, static.PublicKey(), re, m)
		}
		if v.Name == "linked" {
			initiate = func() (*hybrid.Initiator, []byte, error) { return hybrid.InitiateLinked(psk, static.PublicKey(), e) }
			respond = func(m []byte) ([]byte, *hybrid.Session, error) { return hybrid.RespondLinked(psk, static, re, m) }
		}

		client, message, err := initiate()
		require.NoError(t, err)
		assert.Equal(t, append(e.PublicKey().Bytes(), v.ClientProof...), message)
		answer, theirs, err := respond(message)
		require.NoError(t, err)
		assert.Equal(t, append(re.PublicKey().Bytes(), v.AuthenticatorProof...), answer)
		ours, err := client.Finish(answer)
		require.NoError(t, err)
		assert.Equal(t, [32]byte(v.Hash), ours.Hash())
		assert.Equal(t, [32]byte(v.Hash), theirs.Hash())

		sealed, err := ours.Seal(v.Plaintext)
		require.NoError(t, err)
		assert.Equal(t, v.Ciphertext, sealed)
		opened, err := theirs.Open(sealed)
		require.NoError(t, err)
		assert.Equal(t, v.Plaintext, opened)

		// The other direction, through keys instead of the handshake.
		fromKeys := hybrid.NewSession([32]byte(v.AuthenticatorKey), [32]byte(v.ClientKey), [32]byte(v.Hash))
		sealed, err = fromKeys.Seal([]byte("answer"))
		require.NoError(t, err)
		opened, err = ours.Open(sealed)
		require.NoError(t, err)
		assert.Equal(t, "answer", string(opened))
	})
}

func TestHellosOfVectors(t *testing.T) {
	t.Parallel()
	each(t, testdata.HelloVectors, func(v testdata.HelloVector) string { return v.Name }, func(t *testing.T, v testdata.HelloVector) {
		h, err := hybrid.DecodeHello(v.Message)
		require.NoError(t, err)
		assert.Equal(t, &hybrid.Hello{Info: v.Info}, h)
		assert.Equal(t, v.Message, h.Encode())
		info := new(ctap.GetInfoResponse)
		require.NoError(t, ctap.DecodeResponse(append([]byte{byte(ctap.OK)}, h.Info...), info))
		assert.Equal(t, v.Versions, info.Versions)
		assert.Equal(t, v.Transports, info.Transports)
	})
}

func TestLinkingSignaturesOfVectors(t *testing.T) {
	t.Parallel()
	each(t, testdata.LinkingVectors, func(v testdata.LinkingVector) string { return v.Name }, func(t *testing.T, v testdata.LinkingVector) {
		identity, client := scalar(t, v.AuthenticatorKey), scalar(t, v.ClientKey)
		var l hybrid.Linking
		require.NoError(t, l.Sign(identity, client.PublicKey(), [32]byte(v.Hash)))
		assert.Equal(t, v.Signature, l.Signature[:])
		require.NoError(t, l.Verify(client, [32]byte(v.Hash)))
	})
}

func TestSessionsOfVectors(t *testing.T) {
	t.Parallel()
	each(t, testdata.SessionVectors, func(v testdata.SessionVector) string { return v.Name }, func(t *testing.T, v testdata.SessionVector) {
		client := hybrid.NewSession([32]byte(v.WriteKey), [32]byte(v.ReadKey), [32]byte{})
		sealed, err := client.Seal(v.Plaintext)
		require.NoError(t, err)
		assert.Len(t, sealed, 272)
		assert.Equal(t, v.Begins, sealed[:len(v.Begins)])
		assert.Equal(t, v.Ends, sealed[len(sealed)-len(v.Ends):])
		sum := sha256.Sum256(sealed)
		assert.Equal(t, hex.EncodeToString(v.SHA256), hex.EncodeToString(sum[:]))

		authenticator := hybrid.NewSession([32]byte(v.ReadKey), [32]byte(v.WriteKey), [32]byte{})
		opened, err := authenticator.Open(sealed)
		require.NoError(t, err)
		frame, err := hybrid.Revision1.DecodeFrame(opened)
		require.NoError(t, err)
		assert.Equal(t, hybrid.FrameCTAP, frame.Type)
		_, err = ctap.DecodeRequest(frame.Payload)
		require.NoError(t, err)
	})
}
