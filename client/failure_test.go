package client_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// failing has every ceremony on the device end with the status.
func failing(status ctap.Status) *device {
	d := securityKey()
	d.onMake = func(context.Context, *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
		return nil, status
	}
	d.onAssert = func(context.Context, *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		return nil, status
	}
	return d
}

// TestStatuses checks what page and transcript learn of each status, with one
// authenticator and with one of several.
func TestStatuses(t *testing.T) {
	t.Parallel()
	statuses := []ctap.Status{
		ctap.OperationDenied, ctap.KeepaliveCancel, ctap.UserActionTimeout, ctap.ActionTimeout, ctap.NoCredentials,
		ctap.NotAllowed, ctap.KeyStoreFull, ctap.UnsupportedAlgorithm, ctap.PUATRequired, ctap.InvalidCBOR, ctap.RequestTooLarge,
		ctap.UVBlocked, ctap.Other, ctap.Status(0xee),
	}
	for _, status := range statuses {
		t.Run(status.String(), func(t *testing.T) {
			t.Parallel()
			for _, devices := range [][]*device{{failing(status)}, {failing(status), failing(status)}} {
				browser := newClient(t, devices)
				_, err := browser.Create(t.Context(), page, creationOptions())
				e := exception(t, err, webauthn.NotAllowedError)
				assert.Equal(t, client.NotAllowedMessage, e.Message, "the page learns nothing (§14.5)")
				assert.ErrorIs(t, e.Cause, status, "the transcript learns all")
				_, err = browser.Get(t.Context(), page, requestOptions())
				e = exception(t, err, webauthn.NotAllowedError)
				assert.Equal(t, client.NotAllowedMessage, e.Message)
				assert.ErrorIs(t, e.Cause, status)
			}
		})
	}
}

func TestExcluded(t *testing.T) {
	t.Parallel()
	exclude := creationOptions(func(o *webauthn.CreationOptions) { o.ExcludeCredentials = descriptorList("id of bob", "id of alice") })
	for _, devices := range [][]*device{only(laptop().holding("alice")), {laptop().holding("alice"), failing(ctap.Other)}} {
		_, err := newClient(t, devices).Create(t.Context(), page, exclude)
		e := exception(t, err, webauthn.InvalidStateError)
		assert.Equal(t, client.InvalidStateMessage, e.Message)
		assert.ErrorIs(t, e.Cause, ctap.CredentialExcluded)
	}
	_, err := newClient(t, only(laptop().holding("carol"))).Create(t.Context(), page, exclude)
	require.NoError(t, err)
}

func TestNobody(t *testing.T) {
	t.Parallel()
	silent := exchange(func(context.Context, []byte) ([]byte, error) { return nil, errors.New("unplugged") })
	u2fOnly := exchange(func(context.Context, []byte) ([]byte, error) { return []byte{byte(ctap.InvalidCommand)}, nil })
	for name, attached := range map[string][]client.Authenticator{
		"none":                  nil,
		"unplugged":             {{Name: "key", Transport: silent}},
		"two unplugged":         {{Name: "key", Transport: silent}, {Name: "other", Transport: silent}},
		"no CTAP2":              {{Name: "key", Transport: u2fOnly}},
		"not for this purpose ": {{Name: "key", Transport: laptop(), Attachment: webauthn.CrossPlatform}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			browser, err := client.New(client.Config{Authenticators: client.Attached(attached...)})
			require.NoError(t, err)
			_, err = browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
				o.AuthenticatorSelection.AuthenticatorAttachment = webauthn.Platform
			}))
			assert.Equal(t, client.NotAllowedMessage, exception(t, err, webauthn.NotAllowedError).Message)
			_, err = browser.Get(t.Context(), page, requestOptions())
			assert.Equal(t, client.NotAllowedMessage, exception(t, err, webauthn.NotAllowedError).Message)
		})
	}
}

// waiting has the user ignore the device: ceremonies on it end only with ctx.
func waiting() (d *device, asked chan struct{}) {
	d, asked = securityKey().holding("alice"), make(chan struct{}, 8)
	wait := func(ctx context.Context) error {
		asked <- struct{}{}
		<-ctx.Done()
		return ctap.KeepaliveCancel
	}
	d.onMake = func(ctx context.Context, _ *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
		return nil, wait(ctx)
	}
	d.onAssert = func(ctx context.Context, _ *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
		return nil, wait(ctx)
	}
	return d, asked
}

// ceremonies runs a test for create() and for get().
func ceremonies(t *testing.T, test func(t *testing.T, run func(context.Context, *client.Client) error)) {
	for name, run := range map[string]func(context.Context, *client.Client) error{
		"create": func(ctx context.Context, c *client.Client) error {
			_, err := c.Create(ctx, page, creationOptions(func(o *webauthn.CreationOptions) { o.Timeout = 400_000 }))
			return err
		},
		"get": func(ctx context.Context, c *client.Client) error {
			_, err := c.Get(ctx, page, requestOptions(func(o *webauthn.RequestOptions) { o.Timeout = 400_000 }))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, run)
		})
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	ceremonies(t, func(t *testing.T, run func(context.Context, *client.Client) error) {
		synctest.Test(t, func(t *testing.T) {
			d, _ := waiting()
			began := time.Now()
			err := run(t.Context(), newClient(t, only(d)))
			e := exception(t, err, webauthn.NotAllowedError)
			assert.Equal(t, client.NotAllowedMessage, e.Message)
			assert.ErrorIs(t, e.Cause, context.DeadlineExceeded)
			assert.Equal(t, 400*time.Second, time.Since(began))
		})
	})
}

// TestDeadline hands in a timer that has run off before it starts.
func TestDeadline(t *testing.T) {
	t.Parallel()
	ceremonies(t, func(t *testing.T, run func(context.Context, *client.Client) error) {
		d, _ := waiting()
		err := run(t.Context(), newClient(t, only(d), func(c *client.Config) {
			c.Deadline = func(ctx context.Context, lifetime time.Duration) (context.Context, context.CancelFunc) {
				assert.Equal(t, 400*time.Second, lifetime)
				return context.WithDeadline(ctx, time.Time{})
			}
		}))
		assert.ErrorIs(t, exception(t, err, webauthn.NotAllowedError).Cause, context.DeadlineExceeded)
	})
}

func TestAbort(t *testing.T) {
	t.Parallel()
	own := &webauthn.DOMException{Name: "NetworkError", Message: "the page says why"}
	ceremonies(t, func(t *testing.T, run func(context.Context, *client.Client) error) {
		for _, c := range []struct {
			name   string
			reason error
			want   string
		}{
			{"without a reason", nil, webauthn.AbortError},
			{"for a reason that is no exception", errors.New("moved on"), webauthn.AbortError},
			{"for a reason of its own", own, "NetworkError"},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				for _, early := range []bool{true, false} {
					d, asked := waiting()
					ctx, abort := context.WithCancelCause(t.Context())
					if early {
						abort(c.reason)
					} else {
						go func() {
							<-asked
							abort(c.reason)
						}()
					}
					err := run(ctx, newClient(t, only(d)))
					e := exception(t, err, c.want)
					if c.want == webauthn.AbortError {
						assert.ErrorIs(t, e.Cause, context.Cause(ctx))
					} else {
						assert.Equal(t, own.Message, e.Message)
					}
					assert.Equal(t, early, len(d.asked) == 0, "a request that is aborted early reaches nobody")
				}
			})
		}
	})
}

// TestCallerDeadline has the link itself end the request after a while.
func TestCallerDeadline(t *testing.T) {
	t.Parallel()
	ceremonies(t, func(t *testing.T, run func(context.Context, *client.Client) error) {
		ctx, cancel := context.WithDeadline(t.Context(), time.Time{})
		defer cancel()
		d, _ := waiting()
		err := run(ctx, newClient(t, only(d)))
		assert.ErrorIs(t, exception(t, err, webauthn.NotAllowedError).Cause, context.DeadlineExceeded)
	})
}

func TestNewWantsAuthenticators(t *testing.T) {
	t.Parallel()
	_, err := client.New(client.Config{})
	assert.ErrorContains(t, err, "Authenticators")
}
