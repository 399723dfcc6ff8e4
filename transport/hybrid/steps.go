package hybrid

import "fmt"

// Step is something that a phone has done or met, for people who watch it.
type Step struct {
	Kind StepKind
	Text string // one line, without a full stop
}

// StepKind is what kind of step it is.
type StepKind int

// The kinds, in the order of a transaction that goes well.
const (
	StepScanned    StepKind = iota + 1 // a QR code was read, or a linked computer calls
	StepTunnel                         // the tunnel is open
	StepAdvert                         // the advert is being sent
	StepHandshake                      // the computer has proved that it is near
	StepIntroduced                     // it was told what the device is
	StepLinking                        // it was offered to link the phone
	StepRequest                        // it asks for something
	StepAnswer                         // the device has agreed
	StepRefusal                        // the device, or its user, has not
	StepDone                           // the computer is done
	StepListening                      // linked computers can call from now on
)

func (p *Phone) tell(kind StepKind, format string, args ...any) {
	if p.config.Tell != nil {
		p.config.Tell(Step{kind, fmt.Sprintf(format, args...)})
	}
}
