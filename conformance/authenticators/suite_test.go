package authenticators_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
)

func TestSuiteIsSound(t *testing.T) {
	t.Parallel()
	cases := authenticators.Cases()
	assert.Greater(t, len(cases), 1000)
	assert.NoError(t, conformance.Sound(cases))
}

// stone is a device that answers getInfo as ours does, and all else in one way.
type stone struct {
	authenticators.Device
	answer func(ctx context.Context, request []byte) ([]byte, error)
}

func (s stone) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	if len(request) == 1 && ctap.Command(request[0]) == ctap.CommandGetInfo {
		return s.Device.Exchange(ctx, request)
	}
	return s.answer(ctx, request)
}

func (s stone) PowerCycle(context.Context) error                     { return nil }
func (s stone) Act(context.Context, authenticators.Act) error        { return nil }
func (s stone) Miss(context.Context, int) error                      { return nil }
func (s stone) AwaitPrompt(context.Context) error                    { return nil }
func (s stone) Pass(context.Context, time.Duration) error            { return nil }
func (s stone) ExchangeAPDU(context.Context, []byte) ([]byte, error) { return []byte{0x6F, 0}, nil }

type quarry struct {
	subject.Target
	answer func(ctx context.Context, request []byte) ([]byte, error)
}

func (q quarry) Fresh(ctx context.Context, seed uint64) (conformance.Subject, error) {
	s, err := q.Target.Fresh(ctx, seed)
	if err != nil {
		return nil, err
	}
	return stone{s.(authenticators.Device), q.answer}, nil
}

// told is what a stone may pass: what getInfo alone decides, the refusal of commands
// where it refuses, and where it says yes what is answered with a yes alone.
var told = regexp.MustCompile(`^getinfo/|^command/0x|^(reset|selection)/plain$|^reset/keeps-aaguid$`)

// No case passes on a device that always says the same: neither one that refuses
// all, nor one that does nothing and says yes, nor one that makes no sense.
func TestStonesPassNothing(t *testing.T) {
	t.Parallel()
	random := seed.Stream(1, "stone")
	for name, answer := range map[string]func(context.Context, []byte) ([]byte, error){
		"refuses":       func(context.Context, []byte) ([]byte, error) { return []byte{byte(ctap.Other)}, nil },
		"denies":        func(context.Context, []byte) ([]byte, error) { return []byte{byte(ctap.OperationDenied)}, nil },
		"not allowed":   func(context.Context, []byte) ([]byte, error) { return []byte{byte(ctap.NotAllowed)}, nil },
		"no credential": func(context.Context, []byte) ([]byte, error) { return []byte{byte(ctap.NoCredentials)}, nil },
		"says yes":      func(context.Context, []byte) ([]byte, error) { return []byte{0}, nil },
		"says nothing":  func(context.Context, []byte) ([]byte, error) { return []byte{0, 0xA0}, nil },
		"is silent":     func(context.Context, []byte) ([]byte, error) { return nil, nil },
		"is gone":       func(context.Context, []byte) ([]byte, error) { return nil, errors.New("unplugged") },
		"floods":        func(context.Context, []byte) ([]byte, error) { return make([]byte, 1<<20), nil },
		"garbles": func(context.Context, []byte) ([]byte, error) {
			b := make([]byte, 50)
			_, _ = random.Read(b)
			b[0] = 0
			return b, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Level: conformance.May})
			require.NoError(t, err)
			target := quarry{subject.Target{Model: authenticator.BioKey()}, answer}
			out := conformance.Run(t.Context(), target, cases, conformance.Options{Parallel: 1})
			for _, r := range out.Results {
				if r.Verdict == conformance.Pass && !told.MatchString(r.Case.ID) {
					t.Errorf("%s passes", r.Case.ID)
				}
			}
		})
	}
}

// A device that does not answer ends the case in its time, with the reason.
func TestHangingDevice(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Match: []string{"makecredential/plain"}})
	require.NoError(t, err)
	cases[0].Limit = 20 * time.Millisecond
	target := quarry{subject.Target{Model: authenticator.SecurityKey()}, func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	out := conformance.Run(t.Context(), target, cases, conformance.Options{})
	assert.Equal(t, conformance.Error, out.Results[0].Verdict)
	assert.Contains(t, out.Results[0].Reason, "no answer came within the time of the case")
}

func TestDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../../docs/cases.md")
	require.NoError(t, err)
	require.True(t, string(authenticators.Document()) == string(written), `run "make docs"`)
}
