package fault

import (
	"errors"
	"maps"

	"github.com/passkeylab/passkeylab/relyingparty"
)

// around is what acts around a step.
type around = func(v *relyingparty.Verification, run func() error) error

// at makes a seam of what acts around each of some steps.
func at(act around, steps ...relyingparty.Step) relyingparty.Seams {
	all := make(map[relyingparty.Step]around, len(steps))
	for _, s := range steps {
		all[s] = act
	}
	return relyingparty.Seams{Steps: all}
}

// The steps that both ceremonies have.
var (
	clientDataSteps = []relyingparty.Step{relyingparty.StepCreateClientData, relyingparty.StepGetClientData}
	authDataSteps   = []relyingparty.Step{relyingparty.StepCreateAuthData, relyingparty.StepGetAuthData}
	backupSteps     = []relyingparty.Step{relyingparty.StepCreateBackup, relyingparty.StepGetBackup}
)

// leftOut is a step that is not made.
func leftOut(*relyingparty.Verification, func() error) error { return nil }

// leftOutIf leaves a step out where that says so.
func leftOutIf(when func(v *relyingparty.Verification) bool) around {
	return func(v *relyingparty.Verification, run func() error) error {
		if when(v) {
			return nil
		}
		return run()
	}
}

// held changes what a response is held to before a step, or what is seen of it, for
// that step alone.
func held(change func(v *relyingparty.Verification)) around {
	return func(v *relyingparty.Verification, run func() error) error {
		own := *v
		change(v)
		err := run()
		v.Client, v.Auth, v.Attestation = own.Client, own.Auth, own.Attestation
		return err
	}
}

// refusing refuses what a step has accepted where that says so.
func refusing(reason relyingparty.Reason, when func(v *relyingparty.Verification) bool) around {
	return func(v *relyingparty.Verification, run func() error) error {
		if err := run(); err != nil {
			return err
		}
		if when(v) {
			return &relyingparty.Refusal{Reason: reason, Cause: errors.New("refused by a fault")}
		}
		return nil
	}
}

// both joins seams of different kinds; where both have one of a kind, it is the first's.
func both(a, b relyingparty.Seams) relyingparty.Seams {
	steps := map[relyingparty.Step]around{}
	maps.Copy(steps, b.Steps)
	maps.Copy(steps, a.Steps)
	a.Steps = steps
	if a.Challenge == nil {
		a.Challenge = b.Challenge
	}
	if a.Begun == nil {
		a.Begun, a.Taken = b.Begun, b.Taken
	}
	if a.Response == nil {
		a.Response = b.Response
	}
	if a.ClientData == nil {
		a.ClientData = b.ClientData
	}
	if a.AuthenticatorData == nil {
		a.AuthenticatorData = b.AuthenticatorData
	}
	return a
}
