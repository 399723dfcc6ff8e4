package authenticator

import "github.com/passkeylab/passkeylab/ctap"

// standing is how a device stands at the moment: what its model and its settings
// together make of the options of getInfo that change at run time (CTAP 2.3
// §6.4).
type standing struct {
	pinSet           bool // option clientPin
	uv               bool // option uv
	alwaysUv         bool
	makeCredUvNotRqd bool
	enterprise       bool // option ep
	longTouch        bool // member 0x18
	complexity       bool // member 0x1B
	minPINLength     int  // member 0x0D, in code points
	minPINRPIDs      []string
}

func (m *Model) standing(s *Settings) standing {
	now := standing{
		pinSet:       len(s.PINHash) > 0,
		uv:           m.UV >= UVConfigured || len(s.Templates) > 0,
		alwaysUv:     m.AlwaysUv >= FactoryOn,
		enterprise:   s.Enterprise,
		longTouch:    m.Config.LongTouch.on(s.LongTouch),
		complexity:   m.PIN.Complexity.on(s.PINComplexity),
		minPINLength: max(m.PIN.MinLength, s.MinPINLength),
		minPINRPIDs:  s.MinPINRPIDs,
	}
	if s.AlwaysUv != nil {
		now.alwaysUv = *s.AlwaysUv
	}
	now.makeCredUvNotRqd = m.MakeCredUVNotRqd && !now.alwaysUv // §7.2
	return now
}

// protected is "protected by some form of user verification" (§5).
func (s *standing) protected() bool { return s.uv || s.pinSet }

// needsUV is the refusal of a request that would need the user verified: with a
// PIN that is good for ceremonies the platform is told to come back with a
// token. Steps differ in whether the PIN must be set or only supported.
func (m *Model) needsUV(pinUsable bool) ctap.Status {
	if pinUsable && !m.PIN.NoMcGa {
		return ctap.PUATRequired
	}
	return ctap.OperationDenied
}
