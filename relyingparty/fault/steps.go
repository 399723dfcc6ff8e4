package fault

import (
	"errors"
	"maps"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// around is what acts around a step.
type around = func(v *ceremony.Verification, run func() error) error

// onCeremonies makes seams of those that act on ceremonies.
func onCeremonies(s ceremony.Seams) relyingparty.Seams {
	return relyingparty.Seams{Seams: s}
}

// at makes a seam of what acts around each of some steps.
func at(act around, steps ...ceremony.Step) relyingparty.Seams {
	all := make(map[ceremony.Step]around, len(steps))
	for _, s := range steps {
		all[s] = act
	}
	return onCeremonies(ceremony.Seams{Steps: all})
}

// The steps that both ceremonies have.
var (
	clientDataSteps = []ceremony.Step{ceremony.StepCreateClientData, ceremony.StepGetClientData}
	authDataSteps   = []ceremony.Step{ceremony.StepCreateAuthData, ceremony.StepGetAuthData}
	backupSteps     = []ceremony.Step{ceremony.StepCreateBackup, ceremony.StepGetBackup}
)

// leftOut is a step that is not made.
func leftOut(*ceremony.Verification, func() error) error { return nil }

// leftOutIf leaves a step out where that says so.
func leftOutIf(when func(v *ceremony.Verification) bool) around {
	return func(v *ceremony.Verification, run func() error) error {
		if when(v) {
			return nil
		}
		return run()
	}
}

// held changes what a response is held to before a step, or what is seen of it, for
// that step alone.
func held(change func(v *ceremony.Verification)) around {
	return func(v *ceremony.Verification, run func() error) error {
		own := *v
		change(v)
		err := run()
		v.Client, v.Auth, v.Attestation = own.Client, own.Auth, own.Attestation
		return err
	}
}

// refusing refuses what a step has accepted where that says so.
func refusing(reason ceremony.Reason, when func(v *ceremony.Verification) bool) around {
	return func(v *ceremony.Verification, run func() error) error {
		if err := run(); err != nil {
			return err
		}
		if when(v) {
			return &ceremony.Refusal{Reason: reason, Cause: errors.New("refused by a fault")}
		}
		return nil
	}
}

// both joins seams of different kinds; where both have one of a kind, it is the first's.
func both(a, b relyingparty.Seams) relyingparty.Seams {
	steps := map[ceremony.Step]around{}
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
