package fault

import (
	"bytes"
	"context"
	"reflect"
	"slices"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/webauthn"
)

func sameBytes(a, b []byte) bool         { return bytes.Equal(a, b) && (a == nil) == (b == nil) }
func sameReports(a, b [][]byte) bool     { return slices.EqualFunc(a, b, bytes.Equal) }
func sameRequest(a, b ctap.Request) bool { return a == b || reflect.DeepEqual(a, b) } // a copy is no difference
func sameValue[V any](a, b V) bool       { return reflect.DeepEqual(a, b) }
func samePointer[V any](a, b *V) bool    { return a == b }
func sameAttester(a, b attestation.Attester) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && (a == nil || reflect.TypeOf(a).Comparable() && a == b)
}
func sameSecret(a, b authenticator.Secret) bool { return bytes.Equal(a, b) }

// limitDevice limits the seams of an authenticator. Refused and PowerCycled only
// listen.
func limitDevice(s *authenticator.Seams, occasions func() func() bool) {
	s.Heard = limit(occasions(), sameBytes, s.Heard)
	s.Request = limit(occasions(), sameRequest, s.Request)
	s.Keep = limit(occasions(), sameValue[authenticator.Change], s.Keep)
	s.AuthData = limit(occasions(), sameBytes, s.AuthData)
	s.Response = limit(occasions(), sameBytes, s.Response)
	s.HeardAPDU = limit(occasions(), sameBytes, s.HeardAPDU)
	s.APDU = limit(occasions(), sameBytes, s.APDU)
	s.Attester = limit(occasions(), sameAttester, s.Attester)
	if sign := s.Sign; sign != nil {
		due := occasions()
		s.Sign = func(message, signature []byte) []byte {
			return limit(due, sameBytes, func(signature []byte) []byte { return sign(message, signature) })(signature)
		}
	}
	if found := s.Found; found != nil {
		due := occasions()
		s.Found = func(rpID string, all []*authenticator.Credential) []*authenticator.Credential {
			return limit(due, slices.Equal[[]*authenticator.Credential], func(all []*authenticator.Credential) []*authenticator.Credential { return found(rpID, all) })(all)
		}
	}
	if key := s.Key; key != nil {
		due := occasions()
		s.Key = func(rpID string, drawn authenticator.Secret) authenticator.Secret {
			return limit(due, sameSecret, func(drawn authenticator.Secret) authenticator.Secret { return key(rpID, drawn) })(drawn)
		}
	}
	if agreement := s.Agreement; agreement != nil {
		due := occasions()
		s.Agreement = func(p pinuv.Protocol, drawn *pinuv.KeyPair) *pinuv.KeyPair {
			return limit(due, samePointer[pinuv.KeyPair], func(drawn *pinuv.KeyPair) *pinuv.KeyPair { return agreement(p, drawn) })(drawn)
		}
	}
	if token := s.Token; token != nil {
		due := occasions()
		s.Token = func(rule authenticator.TokenRule, stops bool) bool {
			return limit(due, func(a, b bool) bool { return a == b }, func(stops bool) bool { return token(rule, stops) })(stops)
		}
	}
	s.Answer = limitAnswer(occasions(), s.Answer)
	s.Result = limitResult(occasions(), s.Result)
	s.Steps = limitSteps(occasions, s.Steps)
	s.Env = limitEnv(occasions(), s.Env)
}

// answer and result are what two seams have several of.
type answer struct {
	gesture authenticator.Gesture
	err     error
}

type result struct {
	resp any
	err  error
}

func limitAnswer(due func() bool, seam func(authenticator.Prompt, authenticator.Gesture, error) (authenticator.Gesture, error)) func(authenticator.Prompt, authenticator.Gesture, error) (authenticator.Gesture, error) {
	if seam == nil {
		return nil
	}
	return func(p authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
		end := limit(due, sameValue[answer], func(a answer) answer {
			a.gesture, a.err = seam(p, a.gesture, a.err)
			return a
		})(answer{g, err})
		return end.gesture, end.err
	}
}

func limitResult(due func() bool, seam func(ctap.Request, any, error) (any, error)) func(ctap.Request, any, error) (any, error) {
	if seam == nil {
		return nil
	}
	return func(req ctap.Request, resp any, err error) (any, error) {
		end := limit(due, sameValue[result], func(r result) result {
			r.resp, r.err = seam(req, r.resp, r.err)
			return r
		})(result{resp, err})
		return end.resp, end.err
	}
}

func limitSteps(occasions func() func() bool, steps map[authenticator.Step]func(func() error) error) map[authenticator.Step]func(func() error) error {
	if steps == nil {
		return nil
	}
	limited := make(map[authenticator.Step]func(func() error) error, len(steps))
	for at, around := range steps {
		limited[at] = limitStep(occasions(), around)
	}
	return limited
}

// limitStep runs a step that it finds was left out, where that was not due. That a step is
// left out counts each time: what it would have done is not known without doing it, and
// cannot be undone. That a step is run and its refusal not heard counts where it refuses.
func limitStep(due func() bool, around func(func() error) error) func(func() error) error {
	return func(run func() error) error {
		ran, own := false, error(nil)
		end := around(func() error {
			ran, own = true, run()
			return own
		})
		switch {
		case ran && end == own, due():
			return end
		case ran:
			return own
		}
		return run()
	}
}

func limitEnv(due func() bool, seam func(authenticator.Env) authenticator.Env) func(authenticator.Env) authenticator.Env {
	if seam == nil {
		return nil
	}
	return func(sound authenticator.Env) authenticator.Env {
		person := &asked{User: sound.User}
		sound.User = person
		spoiled := seam(sound)
		spoiled.User = limitedUser{spoiled.User, person, due}
		return spoiled
	}
}

// asked is the user, who is asked once at each prompt: what they answered to the
// spoiled one is their answer to the sound one, too.
type asked struct {
	authenticator.User
	did    bool
	answer answer
}

func (a *asked) Answer(ctx context.Context, p authenticator.Prompt) (authenticator.Gesture, error) {
	g, err := a.User.Answer(ctx, p)
	a.did, a.answer = true, answer{g, err}
	return g, err
}

// limitedUser is a user about whom the device is mistaken at some prompts.
type limitedUser struct {
	spoiled authenticator.User
	sound   *asked // a device asks for one gesture at a time
	due     func() bool
}

func (u limitedUser) Answer(ctx context.Context, p authenticator.Prompt) (authenticator.Gesture, error) {
	u.sound.did = false
	g, err := u.spoiled.Answer(ctx, p)
	switch {
	case u.sound.did && sameValue(answer{g, err}, u.sound.answer): // no difference, no occasion
		return g, err
	case u.due():
		return g, err
	case u.sound.did:
		return u.sound.answer.gesture, u.sound.answer.err
	}
	return u.sound.Answer(ctx, p)
}

func limitClient(s *client.Seams, occasions func() func() bool) {
	s.ClientData = limit(occasions(), sameValue[webauthn.ClientData], s.ClientData)
	s.ClientDataJSON = limit(occasions(), sameBytes, s.ClientDataJSON)
	s.Registration = limit(occasions(), samePointer[webauthn.RegistrationResponse], s.Registration)
	s.Authentication = limit(occasions(), samePointer[webauthn.AuthenticationResponse], s.Authentication)
	if rpID := s.RPID; rpID != nil {
		due := occasions()
		s.RPID = func(origin, asked string, verdict error) error {
			return limit(due, func(a, b error) bool { return a == b }, func(v error) error { return rpID(origin, asked, v) })(verdict)
		}
	}
}
