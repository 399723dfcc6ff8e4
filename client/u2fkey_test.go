package client_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// u2fKey is the far end of a u2f.Transport that behaves as told. It signs
// nothing: this package does not look at signatures.
type u2fKey struct {
	keys    map[string]u2f.Parameter // by key handle: the application that it is for
	absent  int                      // so many commands that want a touch get none
	touched func()                   // is told of each such command; may be nil
	point   []byte                   // public key of new credentials; nil is a good one
	foreign u2f.Status               // for key handles of others; 0 is WrongData
	version string                   // "" is U2F_V2
	refuses u2f.Status               // every registration; 0 for none

	mu    sync.Mutex
	asked []string // "register", "check HANDLE", "authenticate HANDLE", "version"
}

// oldKey holds credentials of the site, by their key handles.
func oldKey(handles ...string) *u2fKey {
	k := &u2fKey{keys: make(map[string]u2f.Parameter)}
	for _, handle := range handles {
		k.under(site, handle)
	}
	return k
}

// under adds a credential for an RP ID or an AppID.
func (k *u2fKey) under(id, handle string) *u2fKey {
	k.keys[handle] = sha256.Sum256([]byte(id))
	return k
}

func (k *u2fKey) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	req, err := u2f.DecodeRequest(command)
	if err != nil {
		return u2f.EncodeResponse(nil, err), nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return u2f.EncodeResponse(k.do(req)), nil
}

func (k *u2fKey) do(req u2f.Request) (u2f.Response, error) {
	switch req := req.(type) {
	case *u2f.VersionRequest:
		k.asked = append(k.asked, "version")
		if k.version != "" {
			return &u2f.VersionResponse{Version: k.version}, nil
		}
		return &u2f.VersionResponse{Version: u2f.V2}, nil
	case *u2f.RegisterRequest:
		k.asked = append(k.asked, "register")
		if k.refuses != 0 {
			return nil, k.refuses
		}
		if err := k.touch(); err != nil {
			return nil, err
		}
		point, err := testKey.PublicKey.Bytes()
		if k.point != nil {
			point = k.point
		}
		return &u2f.RegisterResponse{PublicKey: point, KeyHandle: []byte("a new key handle"), Certificate: []byte{0x30, 0}, Signature: []byte("signature")}, err
	case *u2f.AuthenticateRequest:
		return k.authenticate(req)
	}
	return nil, u2f.InstructionNotSupported
}

func (k *u2fKey) authenticate(req *u2f.AuthenticateRequest) (u2f.Response, error) {
	check := req.Control == u2f.CheckOnly
	k.asked = append(k.asked, fmt.Sprintf("%s %s", map[bool]string{true: "check", false: "authenticate"}[check], req.KeyHandle))
	switch app, ours := k.keys[string(req.KeyHandle)]; {
	case (!ours || app != req.Application) && k.foreign != 0:
		return nil, k.foreign
	case !ours || app != req.Application:
		return nil, u2f.WrongData
	case check:
		return nil, u2f.ConditionsNotSatisfied
	}
	if err := k.touch(); err != nil {
		return nil, err
	}
	return &u2f.AuthenticateResponse{Presence: 0xfd, Counter: 42, Signature: []byte("signature")}, nil
}

func (k *u2fKey) touch() error {
	if k.touched != nil {
		k.touched()
	}
	if k.absent > 0 {
		k.absent--
		return u2f.ConditionsNotSatisfied
	}
	return nil
}

// sentence is what the key was asked, in its order.
func (k *u2fKey) sentence() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.Join(k.asked, ", ")
}

// never is more than any test waits for.
const never = 1 << 30

// newU2FClient returns a client with U2F authenticators within reach.
func newU2FClient(t testing.TB, keys ...*u2fKey) *client.Client {
	t.Helper()
	attached := make([]client.Authenticator, len(keys))
	for i, k := range keys {
		attached[i] = client.Authenticator{Name: fmt.Sprint(i), U2F: k}
	}
	c, err := client.New(client.Config{Authenticators: client.Attached(attached...)})
	require.NoError(t, err)
	return c
}

// newBothClient returns a client with an authenticator that speaks CTAP2 and U2F.
func newBothClient(t testing.TB, d *device, k *u2fKey, change ...func(*client.Config)) *client.Client {
	t.Helper()
	attach := func(c *client.Config) {
		c.Authenticators = client.Attached(client.Authenticator{Name: "both", Transport: d, U2F: k})
	}
	return newClient(t, nil, append([]func(*client.Config){attach}, change...)...)
}

// older makes a device one of CTAP 2.0 that lists U2F.
func (d *device) older() *device {
	d.info.Versions = []string{ctap.VersionU2FV2, ctap.VersionFIDO20}
	delete(d.info.Options, ctap.OptionMakeCredUvNotRqd)
	return d
}
