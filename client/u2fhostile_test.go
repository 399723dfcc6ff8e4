package client_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

// apdus is a u2f.Transport of a function.
type apdus func(ctx context.Context, command []byte) ([]byte, error)

func (f apdus) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	return f(ctx, command)
}

// FuzzU2FAuthenticator has an authenticator that speaks U2F answer with any bytes,
// cut into one answer per command: the page gets a response or a DOMException.
func FuzzU2FAuthenticator(f *testing.F) {
	version := u2f.EncodeResponse(&u2f.VersionResponse{Version: u2f.V2}, nil)
	point, err := testKey.PublicKey.Bytes()
	require.NoError(f, err)
	made := u2f.EncodeResponse(&u2f.RegisterResponse{PublicKey: point, KeyHandle: []byte("mine"), Certificate: []byte{0x30, 0}, Signature: []byte("s")}, nil)
	signed := u2f.EncodeResponse(&u2f.AuthenticateResponse{Presence: 1, Counter: 1, Signature: []byte("s")}, nil)
	wanted, foreign := u2f.EncodeResponse(nil, u2f.ConditionsNotSatisfied), u2f.EncodeResponse(nil, u2f.WrongData)
	for _, answers := range [][][]byte{
		{version, foreign, foreign, made, version, wanted, wanted, signed}, {version, wanted, made}, {version, foreign, foreign, wanted, made},
		{version, foreign, foreign, made, version, foreign, foreign, wanted, made}, {foreign}, {version, nil},
	} {
		var stream []byte
		for _, a := range answers {
			stream = append(append(stream, byte(len(a))), a...)
		}
		f.Add(stream)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		synctest.Test(t, func(t *testing.T) {
			ctx, giveUp := context.WithTimeout(t.Context(), time.Hour)
			defer giveUp()
			hostile := apdus(func(context.Context, []byte) ([]byte, error) {
				if len(stream) == 0 {
					giveUp()
					return u2f.EncodeResponse(nil, u2f.ConditionsNotSatisfied), nil
				}
				n := min(int(stream[0]), len(stream)-1)
				answer := stream[1 : 1+n]
				stream = stream[1+n:]
				return answer, nil
			})
			browser, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{U2F: hostile})})
			require.NoError(t, err)
			_, err = browser.Create(ctx, page, creationOptions(func(o *webauthn.CreationOptions) {
				o.Extensions, o.ExcludeCredentials = extensions("appidExclude", `""`), descriptorList("a")
			}))
			onlyExceptions(t, err)
			_, err = browser.Get(ctx, page, requestOptions(func(o *webauthn.RequestOptions) {
				o.Extensions, o.AllowCredentials = extensions("appid", `""`), descriptorList("a")
			}))
			onlyExceptions(t, err)
		})
	})
}

func onlyExceptions(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		require.ErrorAs(t, err, new(*webauthn.DOMException))
	}
}
