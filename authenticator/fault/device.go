package fault

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// What many faults have in common: seams made of what is to change.

// onAuthData makes a seam of a change to a copy of the authenticator data. What
// is too short to be any is left alone.
func onAuthData(change func(authData []byte) []byte) authenticator.Seams {
	return authenticator.Seams{AuthData: func(authData []byte) []byte {
		if len(authData) < countEnd {
			return authData
		}
		return change(append([]byte{}, authData...))
	}}
}

// inPlace is a change to authenticator data that leaves their length.
func inPlace(change func(authData []byte)) func([]byte) []byte {
	return func(authData []byte) []byte {
		change(authData)
		return authData
	}
}

// onAttested makes a seam of a change to authenticator data that have a new
// credential. Flags and lengths follow.
func onAttested(change func(*webauthn.AuthenticatorData)) authenticator.Seams {
	return onAuthData(func(authData []byte) []byte {
		data, err := webauthn.ParseAuthenticatorData(authData)
		if err != nil || data.Attested == nil {
			return authData
		}
		change(data)
		return data.Marshal()
	})
}

// answering makes a seam of a change to a copy of an answer. Lists and maps in it
// are shared still.
func answering[Resp any](change func(*Resp)) func(ctap.Request, any, error) (any, error) {
	return func(_ ctap.Request, resp any, err error) (any, error) {
		sound, is := resp.(*Resp)
		if err != nil || !is {
			return resp, err
		}
		spoiled := *sound
		change(&spoiled)
		return &spoiled, nil
	}
}

// asking makes a seam of a change to a copy of a request. Lists and maps in it are
// shared still.
func asking[Req any](change func(*Req)) func(ctap.Request) ctap.Request {
	return func(req ctap.Request) ctap.Request {
		sound, is := any(req).(*Req)
		if !is {
			return req
		}
		spoiled := *sound
		change(&spoiled)
		return any(&spoiled).(ctap.Request)
	}
}

// steps is what Seams.Steps holds.
type steps = map[authenticator.Step]func(run func() error) error

// at names a step of CTAP.
func at(section, number string) authenticator.Step {
	return authenticator.Step{Section: section, Number: number}
}

// unchecked lets steps refuse nothing. They are run all the same, which is for steps that
// only check: so a limited fault can tell where the check would have refused.
func unchecked(all ...authenticator.Step) authenticator.Seams {
	passed := make(steps, len(all))
	for _, step := range all {
		passed[step] = func(run func() error) error {
			_ = run()
			return nil
		}
	}
	return authenticator.Seams{Steps: passed}
}

// skipping leaves steps out that do something, such as asking the user, or that note for
// later steps what they found. For steps that only check there is unchecked.
func skipping(all ...authenticator.Step) authenticator.Seams {
	skipped := make(steps, len(all))
	for _, step := range all {
		skipped[step] = func(func() error) error { return nil }
	}
	return authenticator.Seams{Steps: skipped}
}

// ending has steps end with another status where they end with one.
func ending(from ctap.Status, to error, all ...authenticator.Step) authenticator.Seams {
	ended := make(steps, len(all))
	for _, step := range all {
		ended[step] = func(run func() error) error {
			if err := run(); err == nil || ctap.StatusOf(err) != from {
				return err
			}
			return to
		}
	}
	return authenticator.Seams{Steps: ended}
}

// within notes whether one of some steps is running.
func within(running *bool, all ...authenticator.Step) steps {
	noted := make(steps, len(all))
	for _, step := range all {
		noted[step] = func(run func() error) error {
			*running = true
			defer func() { *running = false }()
			return run()
		}
	}
	return noted
}

// altered returns copies of credentials, changed.
func altered(found []*authenticator.Credential, change func(*authenticator.Credential)) []*authenticator.Credential {
	spoiled := make([]*authenticator.Credential, len(found))
	for i, c := range found {
		copied := *c
		if c.Extras != nil {
			extras := *c.Extras
			copied.Extras = &extras
		}
		change(&copied)
		spoiled[i] = &copied
	}
	return spoiled
}
