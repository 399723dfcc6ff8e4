package hybrid_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/testdata"
)

// FuzzQR: what is read of a QR code is written and read again the same.
func FuzzQR(f *testing.F) {
	codes, err := testdata.QRVectors()
	require.NoError(f, err)
	for _, v := range codes {
		f.Add(v.Text, v.Payload)
	}
	f.Add("FIDO:/", unhex(f, "a3"+qrHead+qrSecret+"06 82 00 01"))
	f.Fuzz(func(t *testing.T, text string, payload []byte) {
		for _, text := range []string{text, "FIDO:/" + hybrid.EncodeDigits(payload)} {
			q, err := hybrid.ParseQR(text)
			if err != nil {
				require.ErrorIs(t, err, hybrid.ErrQR)
				continue
			}
			again, err := hybrid.ParseQR(q.Text())
			require.NoError(t, err)
			assert.Equal(t, q, again)
		}
	})
}

// FuzzDigits: the digits of bytes are the only ones that mean them.
func FuzzDigits(f *testing.F) {
	f.Add("16736865", []byte("ab"))
	f.Add("999", []byte{})
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		if decoded, err := hybrid.DecodeDigits(text); err == nil {
			assert.Equal(t, text, hybrid.EncodeDigits(decoded))
		}
		if len(data) <= 2919 { // as many as 7089 digits hold
			decoded, err := hybrid.DecodeDigits(hybrid.EncodeDigits(data))
			require.NoError(t, err)
			assert.True(t, bytes.Equal(data, decoded))
		}
	})
}

// FuzzAdvert: service data that open are an advert that was sealed.
func FuzzAdvert(f *testing.F) {
	good := hybrid.FromQR([16]byte{1}).EIDKey().Seal(hybrid.EID{1: 2})
	f.Add(good[:], byte(1))
	f.Add(append(good[:], 0xa0), byte(2))
	f.Fuzz(func(t *testing.T, data []byte, secret byte) {
		key := hybrid.FromQR([16]byte{secret}).EIDKey()
		eid, err := key.Open(data)
		if err != nil {
			require.ErrorIs(t, err, hybrid.ErrAdvert)
			return
		}
		sealed := key.Seal(eid)
		assert.Equal(t, data[:20], sealed[:])
		assert.Zero(t, eid[0])
		assert.Equal(t, eid.Domain().Known(), eid.Domain().Host() != "")
	})
}

// FuzzHandshake: neither side takes a message but that of the other.
func FuzzHandshake(f *testing.F) {
	_, message, err := hybrid.InitiateQR(hybrid.PSK{1}, key(f, 1), key(f, 2))
	require.NoError(f, err)
	_, linked, err := hybrid.InitiateLinked(hybrid.PSK{1}, key(f, 4).PublicKey(), key(f, 2))
	require.NoError(f, err)
	f.Add(message)
	f.Add(linked)
	f.Add(append(message, 0))
	f.Fuzz(func(t *testing.T, message []byte) {
		_, _, err := hybrid.RespondQR(hybrid.PSK{2}, key(t, 1).PublicKey(), key(t, 3), message)
		require.ErrorIs(t, err, hybrid.ErrHandshake)
		_, _, err = hybrid.RespondLinked(hybrid.PSK{2}, key(t, 4), key(t, 3), message)
		require.ErrorIs(t, err, hybrid.ErrHandshake)
		client, _, err := hybrid.InitiateQR(hybrid.PSK{2}, key(t, 1), key(t, 2))
		require.NoError(t, err)
		_, err = client.Finish(message)
		require.ErrorIs(t, err, hybrid.ErrHandshake)
	})
}

// FuzzOpen: a session opens what was sealed in it and nothing else.
func FuzzOpen(f *testing.F) {
	client, _ := sessions(f)
	sealed, err := client.Seal([]byte{1, 4})
	require.NoError(f, err)
	f.Add(sealed)
	f.Add(sealed[:16])
	f.Fuzz(func(t *testing.T, message []byte) {
		_, authenticator := sessions(t)
		opened, err := authenticator.Open(message)
		assert.Equal(t, bytes.Equal(message, sealed), err == nil)
		assert.Equal(t, err == nil, opened != nil)
	})
}

// FuzzHello: what is read of a first message is written and read again the same.
func FuzzHello(f *testing.F) {
	hellos, err := testdata.HelloVectors()
	require.NoError(f, err)
	for _, v := range hellos {
		f.Add(v.Message)
	}
	for _, revision := range []hybrid.Revision{hybrid.Revision1, hybrid.Revision0, hybrid.Revision0Short} {
		f.Add((&hybrid.Hello{Info: []byte{1}, Linking: linking(f), Features: []string{"dc"}, Revision: revision}).Encode())
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		h, err := hybrid.DecodeHello(message)
		if err != nil {
			require.ErrorIs(t, err, hybrid.ErrMessage)
			return
		}
		again, err := hybrid.DecodeHello(h.Encode())
		require.NoError(t, err)
		assert.Equal(t, h, again)
	})
}

// FuzzFrame: frames and what is in them are written and read again the same.
func FuzzFrame(f *testing.F) {
	f.Add([]byte{0})
	f.Add([]byte{1, 4})
	f.Add(append([]byte{2}, hybrid.Update{Linking: linking(f)}.Encode()...))
	f.Fuzz(func(t *testing.T, plaintext []byte) {
		frame, err := hybrid.Revision1.DecodeFrame(plaintext)
		if err != nil {
			require.ErrorIs(t, err, hybrid.ErrMessage)
			return
		}
		again, err := hybrid.Revision1.EncodeFrame(frame)
		require.NoError(t, err)
		assert.Equal(t, plaintext, again)
		update, err := hybrid.DecodeUpdate(frame.Payload)
		if err != nil {
			require.ErrorIs(t, err, hybrid.ErrMessage)
			return
		}
		reread, err := hybrid.DecodeUpdate(update.Encode())
		require.NoError(t, err)
		assert.Equal(t, update, reread)
	})
}

// FuzzLinking does the same with linking information alone.
func FuzzLinking(f *testing.F) {
	f.Add(linking(f).Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := hybrid.DecodeLinking(data)
		if err != nil {
			require.ErrorIs(t, err, hybrid.ErrMessage)
			return
		}
		require.NotNil(t, l.Key)
		again, err := hybrid.DecodeLinking(l.Encode())
		require.NoError(t, err)
		assert.Equal(t, l, again)
		require.ErrorIs(t, l.Verify(key(t, 9), [32]byte{1}), hybrid.ErrSignature)
	})
}

// FuzzContact does the same with client payloads.
func FuzzContact(f *testing.F) {
	f.Add((&hybrid.Contact{Hint: hybrid.HintAssertion}).Header())
	f.Add("a2")
	f.Fuzz(func(t *testing.T, header string) {
		c, err := hybrid.ParseContact(header)
		if err != nil {
			require.ErrorIs(t, err, hybrid.ErrContact)
			return
		}
		again, err := hybrid.ParseContact(c.Header())
		require.NoError(t, err)
		assert.Equal(t, c, again)
	})
}
