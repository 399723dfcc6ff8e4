package hybrid_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestATransaction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		remote, phone, err := r.meet(t, bounded(t))
		require.NoError(t, err)
		made, err := ctap.Call(t.Context(), remote, registration())
		require.NoError(t, err)
		assert.NotEmpty(t, made.AuthData)
		asserted, err := ctap.Call(t.Context(), remote, assertion())
		require.NoError(t, err)
		assert.Equal(t, []byte{1}, asserted.User.ID)
		require.NoError(t, remote.Close())
		require.NoError(t, <-phone)
		assert.Equal(t, []hybrid.StepKind{
			hybrid.StepScanned, hybrid.StepTunnel, hybrid.StepAdvert, hybrid.StepHandshake, hybrid.StepIntroduced,
			hybrid.StepRequest, hybrid.StepAnswer, hybrid.StepRequest, hybrid.StepAnswer, hybrid.StepDone,
		}, r.kinds())
		for _, step := range r.steps {
			assert.NotEmpty(t, step.Text)
			assert.NotContains(t, step.Text, "%!")
		}

		_, err = remote.Exchange(t.Context(), []byte{byte(ctap.CommandSelection)})
		require.ErrorIs(t, err, hybrid.ErrLost)
		require.NoError(t, remote.Close(), "twice")
	})
}

// What a phone says it is has nothing that cannot be had in a tunnel.
func TestWhatAPhoneSaysItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		remote, phone, err := r.meet(t, bounded(t))
		require.NoError(t, err)
		sent := len(r.kinds())
		info, err := ctap.Call(t.Context(), remote, &ctap.GetInfoRequest{})
		require.NoError(t, err)
		assert.Len(t, r.kinds(), sent, "it was told already and is not asked again")
		assert.Equal(t, []string{"hybrid", "internal"}, info.Transports)
		assert.Equal(t, map[string]bool{"rk": true, "up": true, "uv": true}, info.Options)
		assert.Contains(t, info.Extensions, ctap.ExtensionHMACSecret)
		assert.NotEmpty(t, info.PinUvAuthProtocols)

		// Asked all the same it says the same.
		direct, err := ctap.Call(t.Context(), remote, &ctap.ClientPINRequest{PinUvAuthProtocol: new(uint64(2)), SubCommand: ctap.GetKeyAgreement})
		require.NoError(t, err)
		assert.NotNil(t, direct.KeyAgreement)
		for _, refused := range []ctap.Request{
			&ctap.ClientPINRequest{SubCommand: ctap.GetPINRetries}, &ctap.ResetRequest{}, &ctap.SelectionRequest{}, &ctap.LargeBlobsRequest{},
		} {
			request, err := ctap.EncodeRequest(refused)
			require.NoError(t, err)
			answer, err := remote.Exchange(t.Context(), request)
			require.NoError(t, err)
			assert.Equal(t, []byte{byte(ctap.InvalidCommand)}, answer, "%T", refused)
		}
		require.NoError(t, remote.Close())
		require.NoError(t, <-phone)
	})
}

// A security key behind a phone's transport keeps its PIN and its blobs to itself.
func TestOtherDevicesInATunnel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(p *hybrid.PhoneConfig, _ *hybrid.ComputerConfig) {
			device, err := authenticator.New(authenticator.SecurityKey(), authenticator.Env{
				Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: p.Random,
			})
			require.NoError(t, err)
			p.Device = device
		})
		remote, _, err := r.meet(t, bounded(t))
		require.NoError(t, err)
		defer remote.Close()
		info, err := ctap.Call(t.Context(), remote, &ctap.GetInfoRequest{})
		require.NoError(t, err)
		assert.NotContains(t, info.Versions, ctap.VersionU2FV2)
		for _, id := range []string{ctap.OptionClientPIN, ctap.OptionPlat, ctap.OptionLargeBlobs, ctap.OptionPinUvAuthToken, ctap.OptionCredMgmt, ctap.OptionAuthnrCfg} {
			assert.NotContains(t, info.Options, id)
		}
		assert.NotContains(t, info.Extensions, ctap.ExtensionLargeBlobKey)
		assert.Zero(t, info.MaxSerializedLargeBlobArray)
		assert.Zero(t, info.MinPINLength)
	})
}

// A program signs in with a phone and no browser.
func TestClientOverAPhone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		remote, phone, err := r.meet(t, bounded(t))
		require.NoError(t, err)
		c, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Name: "phone", Transport: remote})})
		require.NoError(t, err)
		caller := client.Caller{Origin: "https://example.org"}
		made, err := c.Create(t.Context(), caller, &webauthn.CreationOptions{
			RP: webauthn.RPEntity{ID: "example.org", Name: "Example"}, User: webauthn.UserEntity{ID: []byte{1}, Name: "alice", DisplayName: "Alice"},
			Challenge: []byte{1}, AuthenticatorSelection: webauthn.AuthenticatorSelection{ResidentKey: webauthn.Required},
		})
		require.NoError(t, err)
		assert.Equal(t, webauthn.CrossPlatform, made.AuthenticatorAttachment)
		assert.Equal(t, []string{"hybrid", "internal"}, made.Response.Transports)
		got, err := c.Get(t.Context(), caller, &webauthn.RequestOptions{RPID: "example.org", Challenge: []byte{2}})
		require.NoError(t, err)
		assert.Equal(t, made.ID, got.ID)
		require.NoError(t, remote.Close())
		require.NoError(t, <-phone)
	})
}

func TestAPhoneDeclines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.passkey(t)
		r.user.Always(authenticator.Decline)
		remote, phone, err := r.meet(t, bounded(t))
		require.NoError(t, err)
		_, err = ctap.Call(t.Context(), remote, assertion())
		require.ErrorIs(t, err, ctap.OperationDenied)
		require.NoError(t, remote.Close())
		require.NoError(t, <-phone, "a refusal is an answer")
		assert.Contains(t, r.kinds(), hybrid.StepRefusal)
	})
}

func TestAPhoneWalksAway(t *testing.T) {
	t.Parallel()
	gone := errors.New("it is in the next room")
	for name, when := range map[string]hybrid.StepKind{
		"before the computer has heard it": hybrid.StepAdvert, "after the handshake": hybrid.StepHandshake, "when it is asked": hybrid.StepRequest,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				walking, walk := context.WithCancelCause(t.Context())
				r := newRig(t, func(p *hybrid.PhoneConfig, _ *hybrid.ComputerConfig) {
					tell := p.Tell
					p.Tell = func(s hybrid.Step) {
						if tell(s); s.Kind == when {
							walk(gone)
						}
					}
				})
				r.passkey(t)
				r.user.Always(authenticator.Ignore)
				code, err := r.computer.Show(protocol.HintAssertion)
				require.NoError(t, err)
				phone := make(chan error, 1)
				go func() { phone <- r.phone.Scan(walking, code.Text()) }()
				start := time.Now()
				remote, err := code.Connect(bounded(t))
				if err == nil {
					_, err = ctap.Call(t.Context(), remote, assertion())
					require.NoError(t, remote.Close())
				}
				require.Error(t, err)
				require.ErrorIs(t, <-phone, gone)
				if when != hybrid.StepAdvert {
					require.ErrorIs(t, err, hybrid.ErrLost)
					assert.Less(t, time.Since(start), time.Minute)
				}
			})
		})
	}
}

func TestAComputerGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.passkey(t)
		r.user.Always(authenticator.Ignore)
		remote, phone, err := r.meet(t, bounded(t))
		require.NoError(t, err)
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = ctap.Call(impatient, remote, assertion())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		err = <-phone
		require.ErrorIs(t, err, hybrid.ErrLost)
		assert.ErrorContains(t, err, "given up")
		_, err = ctap.Call(t.Context(), remote, assertion())
		require.ErrorIs(t, err, context.DeadlineExceeded, "the tunnel is closed for good")
		require.NoError(t, remote.Close())
	})
}

// Closing ends a request that is under way.
func TestClosingARemote(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.passkey(t)
		r.user.Always(authenticator.Ignore)
		remote, phone, err := r.meet(t, bounded(t))
		require.NoError(t, err)
		failed := make(chan error)
		go func() {
			_, err := ctap.Call(t.Context(), remote, assertion())
			failed <- err
		}()
		synctest.Wait()
		waiting, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = ctap.Call(waiting, remote, assertion())
		require.ErrorIs(t, err, context.DeadlineExceeded, "others wait for their turn")
		require.NoError(t, remote.Close())
		require.ErrorIs(t, <-failed, hybrid.ErrClosed)
		require.ErrorIs(t, <-phone, hybrid.ErrLost)
	})
}

// A computer that comes and asks for nothing is not waited for without end, nor
// one that does not come at all.
func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		code, err := r.computer.Show(protocol.HintAssertion)
		require.NoError(t, err)
		start := time.Now()
		err = r.phone.Scan(t.Context(), code.Text())
		require.ErrorIs(t, err, hybrid.ErrSilent)
		assert.ErrorContains(t, err, "waiting for the computer")
		assert.Equal(t, 2*time.Minute, time.Since(start))

		remote, phone, err := r.meet(t, bounded(t))
		require.NoError(t, err)
		require.ErrorIs(t, <-phone, hybrid.ErrSilent)
		require.NoError(t, remote.Close())

		remote, phone, err = r.meet(t, bounded(t))
		require.NoError(t, err)
		require.NoError(t, remote.Close())
		err = <-phone
		require.ErrorIs(t, err, hybrid.ErrLost)
		assert.ErrorContains(t, err, "asked for nothing")

		nobody, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		code, err = r.computer.Show(protocol.HintAssertion)
		require.NoError(t, err)
		_, err = code.Connect(nobody)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "waiting for the advert")
	})
}

func TestConfigurations(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	phone := hybrid.PhoneConfig{Device: r.device, Advertiser: &r.air, Dialer: &r.service, Random: &seedReader{}}
	for says, spoil := range map[string]func(*hybrid.PhoneConfig){
		"Device": func(c *hybrid.PhoneConfig) { c.Device = nil }, "Advertiser": func(c *hybrid.PhoneConfig) { c.Advertiser = nil },
		"Dialer": func(c *hybrid.PhoneConfig) { c.Dialer = nil }, "Random": func(c *hybrid.PhoneConfig) { c.Random = nil },
		"no tunnel domain 7": func(c *hybrid.PhoneConfig) { c.Domain = 7 },
	} {
		config := phone
		spoil(&config)
		_, err := hybrid.NewPhone(config)
		assert.ErrorContains(t, err, says)
	}
	computer := hybrid.ComputerConfig{Scanner: &r.air, Dialer: &r.service, Random: &seedReader{}, Now: time.Now}
	for says, spoil := range map[string]func(*hybrid.ComputerConfig){
		"Scanner": func(c *hybrid.ComputerConfig) { c.Scanner = nil }, "Dialer": func(c *hybrid.ComputerConfig) { c.Dialer = nil },
		"Random": func(c *hybrid.ComputerConfig) { c.Random = nil }, "Now": func(c *hybrid.ComputerConfig) { c.Now = nil },
	} {
		config := computer
		spoil(&config)
		_, err := hybrid.NewComputer(config)
		assert.ErrorContains(t, err, says)
	}
}
