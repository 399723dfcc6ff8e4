package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// batches gives the sizes of the allow lists of silent probes.
func batches(d *device) (sizes []int) {
	for _, req := range sent[*ctap.GetAssertionRequest](d) {
		if isProbe(req) {
			sizes = append(sizes, len(req.AllowList))
		}
	}
	return sizes
}

func isProbe(req *ctap.GetAssertionRequest) bool {
	return req.Options != nil && req.Options.UP != nil && !*req.Options.UP
}

func ids(list []ctap.Descriptor) (names []string) {
	for _, d := range list {
		names = append(names, string(d.ID))
	}
	return names
}

// strangers are n credentials that no device here holds.
func strangers(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("a stranger %02d", i))
	}
	return names
}

func TestLists(t *testing.T) {
	t.Parallel()
	alice := "id of alice"
	unlimited := func(*ctap.GetInfoResponse) {}
	atMost := func(n uint64) func(*ctap.GetInfoResponse) {
		return func(i *ctap.GetInfoResponse) { i.MaxCredentialCountInList = n }
	}
	cases := []struct {
		name   string
		device func(*ctap.GetInfoResponse)
		list   []string
		probes []int    // sizes of the lists that probing sends
		final  []string // list of the real request; nil: none is made by get(), one without list by create()
	}{
		{"one entry", atMost(0), []string{alice}, nil, []string{alice}},
		{"one entry of somebody else", atMost(0), strangers(1), nil, strangers(1)},
		{"several in one piece", atMost(8), append(strangers(7), alice), nil, append(strangers(7), alice)},
		{"more than fit", atMost(3), append(strangers(4), alice), []int{3, 2}, []string{alice}},
		{"found in the first batch", atMost(2), append([]string{alice}, strangers(4)...), []int{2}, []string{alice}},
		{"more than fit, none here", atMost(3), strangers(7), []int{3, 3, 1}, nil},
		{"limit not told", atMost(0), append(strangers(2), alice), []int{1, 1, 1}, []string{alice}},
		{"limit absurd", atMost(1 << 63), append(strangers(2), alice), nil, append(strangers(2), alice)},
		{"repeated ids", atMost(2), []string{alice, alice, alice}, nil, []string{alice}},
		{"ids too long for the device", func(i *ctap.GetInfoResponse) { i.MaxCredentialIDLength = uint64(len(alice)) },
			append(strangers(9), alice), nil, []string{alice}},
		{"only ids too long for the device", func(i *ctap.GetInfoResponse) { i.MaxCredentialIDLength = 3 }, strangers(2), nil, nil},
		{"id length not told", func(i *ctap.GetInfoResponse) { i.MaxCredentialIDLength = 0 }, []string{alice}, nil, []string{alice}},
		{"the longest list", unlimited, append(strangers(63), alice), []int{8, 8, 8, 8, 8, 8, 8, 8}, []string{alice}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			held := len(c.final) > 0 && c.final[len(c.final)-1] == alice

			d := securityKey().holding("alice", "bob")
			c.device(&d.info)
			_, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) { o.AllowCredentials = descriptorList(c.list...) }))
			assert.Equal(t, c.probes, batches(d))
			all := sent[*ctap.GetAssertionRequest](d)
			if held {
				require.NoError(t, err)
			} else {
				exception(t, err, webauthn.NotAllowedError)
			}
			for _, req := range all {
				assert.NotEmpty(t, req.AllowList, "a list must not become a request for any credential")
			}
			if real := all[len(c.probes):]; c.final == nil {
				assert.Empty(t, real)
			} else {
				assert.Equal(t, c.final, ids(real[0].AllowList))
				assert.Empty(t, real[0].AllowList[0].Transports)
			}

			d = securityKey().holding("alice", "bob")
			c.device(&d.info)
			_, err = newClient(t, only(d)).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.ExcludeCredentials = descriptorList(c.list...) }))
			if held {
				exception(t, err, webauthn.InvalidStateError)
			} else {
				require.NoError(t, err)
			}
			assert.Equal(t, c.probes, batches(d))
			assert.Equal(t, c.final, ids(sent[*ctap.MakeCredentialRequest](d)[0].ExcludeList))
		})
	}
}

// TestListOfUnknownTypes has an allow list of which nothing is left: that is
// not the same as no list.
func TestListOfUnknownTypes(t *testing.T) {
	t.Parallel()
	list := []webauthn.Descriptor{{Type: "password", ID: []byte("id of alice")}}
	d := securityKey().holding("alice")
	_, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) { o.AllowCredentials = list }))
	exception(t, err, webauthn.NotAllowedError)
	assert.Empty(t, sent[*ctap.GetAssertionRequest](d))
	_, err = newClient(t, only(d)).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.ExcludeCredentials = list }))
	require.NoError(t, err)
}

// TestProbesProveNothing keeps silent assertions from being usable as answers.
func TestProbesProveNothing(t *testing.T) {
	t.Parallel()
	d := securityKey().holding("alice")
	d.info.MaxCredentialCountInList = 1
	_, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) {
		o.AllowCredentials = descriptorList("id of alice", "other")
	}))
	require.NoError(t, err)
	probe := sent[*ctap.GetAssertionRequest](d)[0]
	assert.True(t, isProbe(probe))
	assert.Equal(t, make([]byte, 32), probe.ClientDataHash)
}

// TestTooLarge has messages that the device cannot take in although its limit
// on the number of entries is kept.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	d := securityKey().holding("alice")
	d.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		if len(req.AllowList) > 2 {
			return nil, ctap.RequestTooLarge
		}
		return d.assert(req)
	}
	got, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) {
		o.AllowCredentials = descriptorList(append(strangers(7), "id of alice")...)
	}))
	require.NoError(t, err)
	assert.Equal(t, "id of alice", string(got.RawID))
	assert.Equal(t, []int{8, 4, 2, 2, 2, 2}, batches(d))
}

// TestProbeOddities has devices that answer probes in unusual ways.
func TestProbeOddities(t *testing.T) {
	t.Parallel()
	unplugged := errors.New("unplugged")
	cases := []struct {
		name  string
		tries int // probes sent
		probe func(d *device, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error)
		final []string // nil: NotAllowedError without a real request
	}{
		{"another status for none here", 2, func(d *device, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
			if !d.holds(req.RPID, req.AllowList) {
				return nil, ctap.InvalidCredential
			}
			return d.assert(req)
		}, []string{"id of alice"}},
		{"refused without user verification", 2, func(*device, *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
			return nil, ctap.OperationDenied
		}, nil},
		{"credential left out", 2, func(d *device, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
			r, err := d.assert(req)
			if err == nil {
				r.Credential = nil
			}
			return r, err
		}, []string{"a stranger 02", "id of alice"}},
		{"another credential named", 2, func(d *device, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
			r, err := d.assert(req)
			if err == nil {
				r.Credential.ID = []byte("somebody else")
			}
			return r, err
		}, []string{"a stranger 02", "id of alice"}},
		{"cut off", 1, func(*device, *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) { return nil, unplugged }, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := securityKey().holding("alice")
			d.info.MaxCredentialCountInList = 2
			d.onAssert = func(_ context.Context, req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
				if isProbe(req) {
					return c.probe(d, req)
				}
				return d.assert(req)
			}
			plug := exchange(func(ctx context.Context, raw []byte) ([]byte, error) {
				answer, err := d.Exchange(ctx, raw)
				if c.name == "cut off" && ctap.Command(raw[0]) == ctap.CommandGetAssertion {
					return nil, unplugged
				}
				return answer, err
			})
			got, err := clientOf(t, plug).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) {
				o.AllowCredentials = descriptorList(append(strangers(3), "id of alice")...)
			}))
			all := sent[*ctap.GetAssertionRequest](d)
			last := all[len(all)-1]
			assert.Len(t, batches(d), c.tries)
			if c.final == nil {
				exception(t, err, webauthn.NotAllowedError)
				assert.True(t, isProbe(last))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.final, ids(last.AllowList))
			assert.Equal(t, "id of alice", string(got.RawID))
		})
	}
}

func TestAbortDuringProbe(t *testing.T) {
	t.Parallel()
	ctx, abort := context.WithCancel(t.Context())
	d := securityKey().holding("alice")
	d.info.MaxCredentialCountInList = 1
	d.onAssert = func(context.Context, *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		abort()
		return nil, ctap.KeepaliveCancel
	}
	_, err := newClient(t, only(d)).Get(ctx, page, requestOptions(func(o *webauthn.RequestOptions) {
		o.AllowCredentials = descriptorList(append(strangers(3), "id of alice")...)
	}))
	exception(t, err, webauthn.AbortError)
	assert.Len(t, batches(d), 1, "no further probe after the abort")
}

// TestListsAreCutToMessages has ids that are long, and a device that takes many
// of them but no long messages.
func TestListsAreCutToMessages(t *testing.T) {
	t.Parallel()
	long := func(id string) string { return id + strings.Repeat(".", 200) }
	list := descriptorList(long("a"), long("b"), long("c"), long("d"), long("e"))
	cases := []struct {
		name   string
		device func(*ctap.GetInfoResponse)
		sizes  []int
	}{
		{"the least of messages", func(*ctap.GetInfoResponse) {}, []int{2, 2, 1}},
		{"longer ones", func(i *ctap.GetInfoResponse) { i.MaxMsgSize = 1200 }, []int{3, 2}},
		{"no longer than CTAPHID carries", func(i *ctap.GetInfoResponse) { i.MaxMsgSize = 1 << 63 }, nil},
		{"over a tunnel", func(i *ctap.GetInfoResponse) { i.Transports = []string{"hybrid"} }, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := securityKey().holding("alice")
			d.info.MaxCredentialIDLength = 0
			c.device(&d.info)
			_, err := newClient(t, only(d)).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) { o.AllowCredentials = list }))
			exception(t, err, webauthn.NotAllowedError)
			assert.Equal(t, c.sizes, batches(d))
		})
	}
}
