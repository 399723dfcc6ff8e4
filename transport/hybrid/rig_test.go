package hybrid_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// rig is a phone and a computer that are near each other.
type rig struct {
	air      hybrid.Air
	service  service
	user     authenticator.ScriptedUser
	device   *authenticator.Authenticator
	phone    *hybrid.Phone
	computer *hybrid.Computer

	listening chan struct{} // closed when linked computers can call

	mu    sync.Mutex
	steps []hybrid.Step
}

// change is what a test does to the configurations.
type change func(*hybrid.PhoneConfig, *hybrid.ComputerConfig)

func newRig(t testing.TB, changes ...change) *rig {
	t.Helper()
	r := &rig{listening: make(chan struct{})}
	random := func(name string) *seedReader { return &seedReader{seed.Stream(seed.Named(t.Name()), name)} }
	clock := authenticator.NewManualClock(time.Unix(1e9, 0))
	var err error
	r.device, err = authenticator.New(authenticator.Phone(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: &r.user, Clock: clock, Random: random("device"),
	})
	require.NoError(t, err)
	phone := hybrid.PhoneConfig{Device: r.device, Advertiser: &r.air, Dialer: &r.service, Random: random("phone"), Tell: r.tell}
	computer := hybrid.ComputerConfig{Scanner: &r.air, Dialer: &r.service, Random: random("computer"), Now: clock.Now}
	for _, c := range changes {
		c(&phone, &computer)
	}
	r.phone, err = hybrid.NewPhone(phone)
	require.NoError(t, err)
	r.computer, err = hybrid.NewComputer(computer)
	require.NoError(t, err)
	return r
}

type seedReader struct {
	from interface{ Read([]byte) (int, error) }
}

func (r *seedReader) Read(p []byte) (int, error) { return r.from.Read(p) }

func (r *rig) tell(s hybrid.Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.steps = append(r.steps, s); s.Kind == hybrid.StepListening {
		close(r.listening)
	}
}

func (r *rig) kinds() (kinds []hybrid.StepKind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.steps {
		kinds = append(kinds, s.Kind)
	}
	return kinds
}

// bounded is a context that ends before any test's patience does.
func bounded(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// meet has the phone scan a code of the computer's, and returns both ends of the
// story: the device as the computer has it, and what the phone ends with.
func (r *rig) meet(t testing.TB, ctx context.Context) (remote *hybrid.Remote, phone <-chan error, err error) {
	t.Helper()
	code, err := r.computer.Show(protocol.HintAssertion)
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- r.phone.Scan(ctx, code.Text()) }()
	remote, err = code.Connect(ctx)
	return remote, ended, err
}

// passkey puts a credential into the device.
func (r *rig) passkey(t testing.TB) {
	t.Helper()
	_, err := ctap.Call(t.Context(), r.device, registration())
	require.NoError(t, err)
}

func registration() *ctap.MakeCredentialRequest {
	yes := true
	return &ctap.MakeCredentialRequest{
		ClientDataHash: make([]byte, 32), RP: ctap.RPEntity{ID: "example.org"}, User: ctap.UserEntity{ID: []byte{1}, Name: "alice"},
		PubKeyCredParams: []ctap.Parameters{{Type: ctap.PublicKey, Algorithm: -7}}, Options: &ctap.Options{RK: &yes, UV: &yes},
	}
}

func assertion() *ctap.GetAssertionRequest {
	yes := true
	return &ctap.GetAssertionRequest{RPID: "example.org", ClientDataHash: make([]byte, 32), Options: &ctap.Options{UV: &yes}}
}
