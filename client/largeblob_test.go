package client_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// phoneWithBlobs keeps blobs beside its credentials.
func phoneWithBlobs() *device {
	d := securityKey().knowing(ctap.ExtensionLargeBlob)
	d.info.Transports = []string{"hybrid"}
	return d
}

func TestLargeBlobSupport(t *testing.T) {
	t.Parallel()
	withoutKey := func() *device {
		d := gifted()
		d.onMake = func(_ ctx, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
			answer, err := d.make(req)
			answer.LargeBlobKey = nil
			return answer, err
		}
		return d
	}
	cases := []struct {
		name    string
		device  func() *device
		rk      webauthn.Requirement
		support string
		sent    string
		result  string // "" : nobody qualifies, or the answer is refused
	}{
		{"preferred", gifted, webauthn.Required, `{"support":"preferred"}`, "largeBlobKey:f5", `{"supported":true}`},
		{"unsaid", gifted, webauthn.Preferred, `{}`, "largeBlobKey:f5", `{"supported":true}`},
		{"required", gifted, webauthn.Required, `{"support":"required"}`, "largeBlobKey:f5", `{"supported":true}`},
		{"preferred, not discoverable", gifted, webauthn.Discouraged, `{"support":"preferred"}`, "", `{"supported":false}`},
		{"required, not discoverable", gifted, webauthn.Discouraged, `{"support":"required"}`, "", ""},
		{"preferred, not known", securityKey, webauthn.Required, `{"support":"preferred"}`, "", `{"supported":false}`},
		{"required, not known", securityKey, webauthn.Required, `{"support":"required"}`, "", ""},
		{"preferred, no key came", withoutKey, webauthn.Required, `{"support":"preferred"}`, "largeBlobKey:f5", `{"supported":false}`},
		{"required, no key came", withoutKey, webauthn.Required, `{"support":"required"}`, "largeBlobKey:f5", ""},
		{"beside the credential, preferred", phoneWithBlobs, webauthn.Discouraged, `{"support":"preferred"}`,
			spell(ctap.Extensions{"largeBlob": mustMarshal(map[string]string{"support": "preferred"})}), `{"supported":true}`},
		{"beside the credential, required", phoneWithBlobs, webauthn.Required, `{"support":"required"}`,
			spell(ctap.Extensions{"largeBlob": mustMarshal(map[string]string{"support": "required"})}), `{"supported":true}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := c.device()
			got, err := newClient(t, only(d)).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
				o.AuthenticatorSelection.ResidentKey, o.Extensions = c.rk, extensions("largeBlob", c.support)
			}))
			if made := sent[*ctap.MakeCredentialRequest](d); len(made) > 0 {
				assert.Equal(t, c.sent, spell(made[0].Extensions))
			} else {
				assert.Empty(t, c.sent)
			}
			if c.result == "" {
				exception(t, err, webauthn.NotAllowedError)
				return
			}
			require.NoError(t, err)
			assert.JSONEq(t, c.result, string(got.ClientExtensionResults["largeBlob"]))
		})
	}
}

// TestLargeBlobNeedsRoom does not make do with a credential that can have no
// blob where the page requires one.
func TestLargeBlobNeedsRoom(t *testing.T) {
	t.Parallel()
	d := gifted()
	d.onMake = func(ctx, *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
		return nil, ctap.KeyStoreFull
	}
	_, err := newClient(t, only(d)).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
		o.AuthenticatorSelection.ResidentKey, o.Extensions = webauthn.Preferred, extensions("largeBlob", `{"support":"required"}`)
	}))
	exception(t, err, webauthn.NotAllowedError)
	assert.Len(t, sent[*ctap.MakeCredentialRequest](d), 1)
}

// largeBlob runs get() with the extension and returns its result.
func largeBlob(t *testing.T, browser *client.Client, input string) string {
	t.Helper()
	got, err := browser.Get(t.Context(), page, getting(webauthn.Discouraged, func(o *webauthn.RequestOptions) {
		o.AllowCredentials, o.Extensions = descriptorList("id of alice"), extensions("largeBlob", input)
	}))
	require.NoError(t, err)
	return string(got.ClientExtensionResults["largeBlob"])
}

func write(blob string) string { return `{"write":` + quoted(blob) + `}` }
func holds(blob string) string { return `{"blob":` + quoted(blob) + `}` }

const read = `{"read":true}`

// TestLargeBlobs writes and reads on every kind of device that can, and some
// that cannot.
func TestLargeBlobs(t *testing.T) {
	t.Parallel()
	byPIN := func() *device {
		d := gifted()
		delete(d.info.Options, ctap.OptionUV)
		return d
	}
	cases := []struct {
		name   string
		device func() *device
		works  bool
	}{
		{"by fingerprint", gifted, true},
		{"by PIN", byPIN, true},
		{"built in", func() *device {
			d := gifted()
			d.info.Options[ctap.OptionPlat] = true
			return d
		}, true},
		{"without verification", func() *device {
			d := gifted()
			d.info.Options = has(ctap.OptionRK, ctap.OptionLargeBlobs)
			d.pin = nil
			return d
		}, true},
		{"beside the credential", phoneWithBlobs, true},
		{"tokens without permissions", func() *device {
			d := byPIN()
			delete(d.info.Options, ctap.OptionPinUvAuthToken)
			return d
		}, false},
		{"not known", securityKey, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, user := c.device().holding("alice"), typing("1234", "1234", "1234", "1234")
			browser := newClient(t, only(d), user.into)
			assert.JSONEq(t, `{}`, largeBlob(t, browser, read))
			if !c.works {
				assert.JSONEq(t, `{"written":false}`, largeBlob(t, browser, write("a certificate")))
				assert.JSONEq(t, `{}`, largeBlob(t, browser, read))
				for _, req := range sent[*ctap.LargeBlobsRequest](d) {
					assert.Nil(t, req.Set, "nothing that is bound to be refused")
				}
				return
			}
			assert.JSONEq(t, `{"written":true}`, largeBlob(t, browser, write("a certificate")))
			assert.JSONEq(t, holds("a certificate"), largeBlob(t, browser, read))
			assert.JSONEq(t, `{"written":true}`, largeBlob(t, browser, write("")))
			assert.JSONEq(t, holds(""), largeBlob(t, browser, read))
		})
	}
}

// TestLargeBlobFragments passes arrays that are longer than a message.
func TestLargeBlobFragments(t *testing.T) {
	t.Parallel()
	d := gifted().holding("alice")
	browser := newClient(t, only(d))
	noise := make([]byte, 2048) // that does not compress
	for i := range noise {
		noise[i] = byte(i * i * 7919 >> 5)
	}
	foreign := mustMarshal([]any{bytes.Repeat([]byte{7}, 961-17-4)}) // with checksum, one fragment and a byte
	d.gifted.blobs = append(foreign, checksumOf(foreign)...)
	assert.JSONEq(t, `{"written":true}`, largeBlob(t, browser, write(string(noise))))
	assert.JSONEq(t, holds(string(noise)), largeBlob(t, browser, read))
	assert.True(t, bytes.Contains(d.gifted.blobs, foreign[1:]), "what others keep there stays")
	for _, req := range sent[*ctap.LargeBlobsRequest](d) {
		assert.LessOrEqual(t, len(req.Set), 960)
		assert.Equal(t, req.Set != nil && *req.Offset == 0, req.Length != nil)
		if req.Get != nil {
			assert.Equal(t, uint64(960), *req.Get)
		}
	}
}

func checksumOf(array canon.Raw) []byte {
	sum := sha256Of(array)
	return sum[:16]
}

func TestLargeBlobTroubles(t *testing.T) {
	t.Parallel()
	refuse := func(status ctap.Status, reading bool) func(*device) {
		return func(d *device) {
			d.onBlobs = func(req *ctap.LargeBlobsRequest) (any, error) {
				if (req.Get != nil) == reading {
					return nil, status
				}
				return d.largeBlobs(req)
			}
		}
	}
	cases := []struct {
		name   string
		device func(*device)
		read   string
		write  string
		most   int // requests to authenticatorLargeBlobs
	}{
		{"no room", func(d *device) { d.info.MaxSerializedLargeBlobArray = 1024; d.gifted.blobs = nil }, `{}`, `{"written":false}`, 2},
		{"storage full", refuse(ctap.LargeBlobStorageFull, false), `{}`, `{"written":false}`, 3},
		{"unreadable", refuse(ctap.Other, true), `{}`, `{"written":false}`, 2},
		{"garbage", func(d *device) { d.gifted.blobs = []byte("what is this?") }, `{}`, `{"written":true}`, 4},
		{"fragments too long", func(d *device) {
			d.onBlobs = func(*ctap.LargeBlobsRequest) (any, error) {
				return &ctap.LargeBlobsResponse{Config: make([]byte, 961)}, nil
			}
		}, `{}`, `{"written":false}`, 2},
		{"fragments without end", func(d *device) {
			d.onBlobs = func(*ctap.LargeBlobsRequest) (any, error) {
				return &ctap.LargeBlobsResponse{Config: make([]byte, 960)}, nil
			}
		}, `{}`, `{"written":false}`, 10},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := gifted().holding("alice")
			c.device(d)
			browser := newClient(t, only(d))
			assert.JSONEq(t, c.read, largeBlob(t, browser, read))
			assert.JSONEq(t, c.write, largeBlob(t, browser, write(incompressible(1500))))
			assert.LessOrEqual(t, len(sent[*ctap.LargeBlobsRequest](d)), c.most)
		})
	}
}

// incompressible is text that DEFLATE makes nothing of.
func incompressible(n int) string {
	var out strings.Builder
	for sum := sha256Of(nil); out.Len() < n; sum = sha256Of(sum[:]) {
		out.Write(sum[:])
	}
	return out.String()[:n]
}

// TestAbortDuringLargeBlob ends the ceremony although the assertion was there.
func TestAbortDuringLargeBlob(t *testing.T) {
	t.Parallel()
	for _, input := range []string{read, write("a blob")} {
		d := gifted().holding("alice")
		aborted, abort := context.WithCancel(t.Context())
		d.onBlobs = func(*ctap.LargeBlobsRequest) (any, error) {
			abort()
			return nil, ctap.KeepaliveCancel
		}
		_, err := newClient(t, only(d)).Get(aborted, page, requestOptions(func(o *webauthn.RequestOptions) {
			o.AllowCredentials, o.Extensions = descriptorList("id of alice"), extensions("largeBlob", input)
		}))
		exception(t, err, webauthn.AbortError)
	}
}
