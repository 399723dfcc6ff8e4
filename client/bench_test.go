package client_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
)

// canned answers each command with the same bytes, so that a benchmark
// measures the client and no authenticator.
type canned map[ctap.Command][]byte

func (c canned) Exchange(_ context.Context, request []byte) ([]byte, error) {
	return c[ctap.Command(request[0])], nil
}

func newCanned(b *testing.B) *client.Client {
	d := laptop().holding("alice")
	record := canned{}
	recorder := exchange(func(ctx context.Context, request []byte) ([]byte, error) {
		answer, err := d.Exchange(ctx, request)
		record[ctap.Command(request[0])] = answer
		return answer, err
	})
	rehearsal := clientOf(b, recorder)
	_, err := rehearsal.Create(b.Context(), page, creationOptions())
	require.NoError(b, err)
	_, err = rehearsal.Get(b.Context(), page, requestOptions())
	require.NoError(b, err)
	return clientOf(b, record)
}

// exchange is a ctap.Transport made of a function.
type exchange func(ctx context.Context, request []byte) ([]byte, error)

func (f exchange) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	return f(ctx, request)
}

func clientOf(t testing.TB, transport ctap.Transport) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Name: "laptop", Transport: transport})})
	require.NoError(t, err)
	return c
}

// BenchmarkCreate is what the client itself adds to one sign-up.
func BenchmarkCreate(b *testing.B) {
	c, options := newCanned(b), creationOptions()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Create(b.Context(), page, options); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGet is what the client itself adds to one login.
func BenchmarkGet(b *testing.B) {
	c, options := newCanned(b), requestOptions()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Get(b.Context(), page, options); err != nil {
			b.Fatal(err)
		}
	}
}
