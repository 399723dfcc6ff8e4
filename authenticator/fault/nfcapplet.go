package fault

import (
	"bytes"
	"slices"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// Values of P1.
const (
	p1Polls  = 0x80
	p1Cancel = 0x11
	p1End    = 0x01
)

// hearingAPDU makes a seam of a change to a copy of commands of an instruction.
func hearingAPDU(instruction byte, change func(command []byte) []byte) nfc.Seams {
	return nfc.Seams{Heard: func(command []byte) []byte {
		if len(command) <= headSize || command[1] != instruction {
			return command
		}
		return change(slices.Clone(command))
	}}
}

// instead answers some commands in place of the card, which is asked something that
// changes nothing. reply returns nil for all others.
func instead(reply func(command []byte) (response []byte)) nfc.Seams {
	var due []byte
	return nfc.Seams{
		Heard: func(command []byte) []byte {
			if due = nil; len(command) < headSize {
				return command
			}
			if due = reply(command); due != nil {
				return []byte{0x80, insCTAPGetAnswer, 0x7F, 0} // of no meaning
			}
			return command
		},
		Said: func(response []byte) []byte {
			if due == nil {
				return response
			}
			return due
		},
	}
}

// isSelectOfOther reports whether a command selects another applet.
func isSelectOfOther(command []byte) bool {
	return command[1] == insSelectApplet && !bytes.Contains(command, nfc.AID())
}

func appletFaults() []Fault {
	const selecting, ending = "CTAP 2.3 §11.3.3", "CTAP 2.3 §11.3.4"
	return []Fault{
		{
			ID: "nfc/le-demanded", Spec: selecting,
			Doc: "SELECT is refused that does not say how much there is room for.",
			NFC: refusing(nfc.WrongLength, func(command []byte) bool {
				return command[1] == insSelectApplet && len(command) > headSize && len(command) == headSize+1+int(command[headSize])
			}),
		}, {
			ID: "nfc/applet-not-found-other", Spec: selecting,
			Doc: "Applets that are not there are refused as if SELECT were not known.",
			NFC: restated(nfc.ApplicationNotFound, nfc.InstructionNotSupported, anyCommand),
		}, {
			ID: "nfc/stays-selected", Spec: selecting,
			Doc: "The applet stays selected after another was asked for.",
			NFC: instead(func(command []byte) []byte {
				if !isSelectOfOther(command) {
					return nil
				}
				return []byte{0x6A, 0x82}
			}),
		}, {
			ID: "nfc/select-any-parameters", Spec: selecting,
			Doc: "P1 and P2 of SELECT may be anything.",
			NFC: hearingAPDU(insSelectApplet, func(command []byte) []byte {
				command[2], command[3] = 0x04, 0
				return command
			}),
		}, {
			ID: "nfc/unselected-served", Spec: selecting,
			Doc: "CTAP2 requests are answered while the applet is not selected, with success and nothing else.",
			NFC: onAPDUs(func(command, data []byte, status nfc.Status) ([]byte, nfc.Status) {
				if command[1] == insCTAPMessage && status == nfc.ConditionsNotSatisfied {
					return []byte{0}, nfc.NoError
				}
				return data, status
			}),
		},
		selectOnce(), probeStops(), selectRefusedMidway(),
		{
			ID: "nfc/end-unknown", Spec: ending,
			Doc: "NFCCTAP_CONTROL is not known.",
			NFC: refusing(nfc.InstructionNotSupported, isControl),
		}, {
			ID: "nfc/end-ignored", Spec: ending,
			Doc: "NFCCTAP_CONTROL END is answered and ends nothing.",
			NFC: instead(func(command []byte) []byte {
				if !isControl(command) || command[2] != p1End {
					return nil
				}
				return []byte{0x90, 0}
			}),
		},
	}
}

func isControl(command []byte) bool { return command[1] == 0x12 }

// selectOnce refuses the applet to whoever has it already.
func selectOnce() Fault {
	selected := false
	return Fault{
		ID: "nfc/select-once", Spec: "CTAP 2.3 §11.3.3",
		Doc: "The applet cannot be selected while it is.",
		NFC: onAPDUs(func(command, data []byte, status nfc.Status) ([]byte, nfc.Status) {
			if command[1] != insSelectApplet {
				return data, status
			}
			if selected && status == nfc.NoError {
				return nil, nfc.ConditionsNotSatisfied
			}
			selected = status == nfc.NoError
			return data, status
		}),
	}
}

// probeStops is a card that is at an end once it was taken for another kind.
func probeStops() Fault {
	stopped := false
	return Fault{
		ID: "nfc/probe-stops", Spec: "ISO 7816-4 §5.6",
		Doc: "After a command of another kind of card nothing works any more.",
		NFC: onAPDUs(func(command, data []byte, status nfc.Status) ([]byte, nfc.Status) {
			if stopped = stopped || command[0] == 0x90 && command[1] == 0x60; stopped {
				return nil, nfc.Internal
			}
			return data, status
		}),
	}
}

// selectRefusedMidway keeps the applet while a request waits.
func selectRefusedMidway() Fault {
	waits := false
	return Fault{
		ID: "nfc/select-refused-midway", Spec: "CTAP 2.3 §11.3.3",
		Doc: "The applet cannot be selected while a request waits for the user.",
		NFC: onAPDUs(func(command, data []byte, status nfc.Status) ([]byte, nfc.Status) {
			if command[1] == insSelectApplet && waits {
				return nil, nfc.ConditionsNotSatisfied
			}
			waits = status == nfc.StillProcessing
			return data, status
		}),
	}
}
