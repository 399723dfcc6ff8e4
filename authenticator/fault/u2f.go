package fault

import (
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// atU2F names a step of FIDO U2F Raw Message Formats.
func atU2F(section, number string) authenticator.Step {
	return authenticator.Step{Section: "U2F " + section, Number: number}
}

// Of responses (FIDO U2F Raw Message Formats §4.3, §5.4).
const (
	u2fRegistered   = 0x05 // first byte
	u2fPoint        = 1
	u2fHandleLength = u2fPoint + 65
	u2fCounter      = 1
	u2fSignature    = u2fCounter + 4
)

// onU2F makes a seam of a change to a copy of successful responses, without their
// status word.
func onU2F(is func(data []byte) bool, change func(data []byte) []byte) authenticator.Seams {
	return authenticator.Seams{APDU: func(response []byte) []byte {
		end := len(response) - 2
		if end < 0 || u2f.Status(binary.BigEndian.Uint16(response[end:])) != u2f.NoError || !is(response[:end]) {
			return response
		}
		return append(change(slices.Clone(response[:end])), response[end:]...)
	}}
}

func isRegistered(data []byte) bool { return len(data) > u2fHandleLength && data[0] == u2fRegistered }

func isAuthenticated(data []byte) bool { return len(data) > u2fSignature && data[0] <= 1 }

func isVersion(data []byte) bool { return string(data) == u2f.V2 }

// onStatusWord makes a seam of a change to responses that are a status word alone.
func onStatusWord(change func(u2f.Status) u2f.Status) authenticator.Seams {
	return authenticator.Seams{APDU: func(response []byte) []byte {
		if len(response) != 2 {
			return response
		}
		return binary.BigEndian.AppendUint16(nil, uint16(change(u2f.Status(binary.BigEndian.Uint16(response)))))
	}}
}

func u2fFaults() []Fault {
	const registration, authentication = "FIDO U2F Raw Message Formats §4", "FIDO U2F Raw Message Formats §5"
	return []Fault{
		{
			ID: "u2f/registers-without-touch", Spec: registration,
			Doc:   "U2F registers without a touch.",
			Seams: skipping(atU2F("4", "2 (presence)")),
		}, {
			ID: "u2f/signs-without-touch", Spec: authentication,
			Doc:   "U2F signs without a touch where one is demanded, and says that nobody was there.",
			Seams: skipping(atU2F("5", "4 (presence)")),
		}, {
			ID: "u2f/check-only-signs", Spec: authentication,
			Doc:   "A command that only checks a key handle waits for a touch and signs.",
			Seams: unchecked(atU2F("5", "3 (check only)")),
		}, {
			ID: "u2f/check-only-denies", Spec: authentication,
			Doc: "A command that only checks a key handle says that it is unknown, whosever it is.",
			Seams: authenticator.Seams{Steps: steps{atU2F("5", "3 (check only)"): func(run func() error) error {
				if run() != nil {
					return u2f.Errorf(u2f.WrongData, "the fault says so")
				}
				return nil
			}}},
		}, {
			ID: "u2f/any-key-handle", Spec: authentication,
			Doc: "Every key handle is said to be the device's own, though it signs with none but those.",
			Seams: authenticator.Seams{Steps: steps{atU2F("5", "2 (key handle)"): func(run func() error) error {
				if run() != nil {
					return u2f.Errorf(u2f.ConditionsNotSatisfied, "the fault says so")
				}
				return nil
			}}},
		}, {
			ID: "u2f/presence-claimed", Spec: authentication + ".4",
			Doc: "The user presence byte says that somebody was there, also where the signature says otherwise.",
			Seams: onU2F(isAuthenticated, func(data []byte) []byte {
				data[0] = 1
				return data
			}),
		}, {
			ID: "u2f/counter-zero", Spec: authentication + ".4",
			Doc: "The counter of an authentication is zero, unlike the one under the signature.",
			Seams: onU2F(isAuthenticated, func(data []byte) []byte {
				clear(data[u2fCounter:u2fSignature])
				return data
			}),
		},
		quietNotCounted(),
		{
			ID: "u2f/tail-ignored", Spec: "FIDO U2F Raw Message Formats §3.3",
			Doc:   "What follows the key handle of an authentication is ignored.",
			Seams: authenticator.Seams{HeardAPDU: withoutTail},
		}, {
			ID: "u2f/reserved-byte", Spec: registration + ".3",
			Doc: "A registration begins with byte 0x04 and not with 0x05.",
			Seams: onU2F(isRegistered, func(data []byte) []byte {
				data[0]--
				return data
			}),
		}, {
			ID: "u2f/point-compressed", Spec: registration + ".3",
			Doc: "The public key of a registration is marked as a compressed point.",
			Seams: onU2F(isRegistered, func(data []byte) []byte {
				data[u2fPoint] = 0x02
				return data
			}),
		}, {
			ID: "u2f/handle-length", Spec: registration + ".3",
			Doc: "The key handle of a registration is one byte longer than its length says.",
			Seams: onU2F(isRegistered, func(data []byte) []byte {
				data[u2fHandleLength]--
				return data
			}),
		}, {
			ID: "u2f/no-signature", Spec: registration + ".3",
			Doc:   "A registration ends with the certificate: there is no signature.",
			Seams: onU2F(isRegistered, unsigned),
		}, {
			ID: "u2f/version-other", Spec: "FIDO U2F Raw Message Formats §6",
			Doc:   "U2F_VERSION tells a version that does not exist, U2F_V3.",
			Seams: onU2F(isVersion, func([]byte) []byte { return []byte("U2F_V3") }),
		}, {
			ID: "u2f/wrong-data-for-touch", Spec: authentication,
			Doc: "A missing touch has the status word of an unknown key handle.",
			Seams: onStatusWord(func(s u2f.Status) u2f.Status {
				if s == u2f.ConditionsNotSatisfied {
					return u2f.WrongData
				}
				return s
			}),
		}, {
			ID: "u2f/handle-length-for-status", Spec: authentication,
			Doc: "An unknown key handle has its length for a status word, 0x0040; Chromium takes that for a refusal because old keys do it (u2f_sign_operation).",
			Seams: onStatusWord(func(s u2f.Status) u2f.Status {
				if s == u2f.WrongData {
					return 0x0040
				}
				return s
			}),
		}, {
			ID: "u2f/wrong-data-for-length", Spec: "FIDO U2F Raw Message Formats §3.3",
			Doc: "A command of the wrong length has the status word of an unknown key handle.",
			Seams: onStatusWord(func(s u2f.Status) u2f.Status {
				if s == u2f.WrongLength {
					return u2f.WrongData
				}
				return s
			}),
		}, {
			ID: "u2f/unknown-control-other", Spec: authentication + ".1",
			Doc: "A control byte that there is not ends with status word 6F00.",
			Seams: onStatusWord(func(s u2f.Status) u2f.Status {
				if s == 0x6A86 {
					return 0x6F00
				}
				return s
			}),
		}, {
			ID: "u2f/refused-with-data", Spec: "FIDO U2F Raw Message Formats §3.3",
			Doc: "A zero byte precedes the status word of commands that are refused.",
			Seams: authenticator.Seams{APDU: func(response []byte) []byte {
				if len(response) != 2 || response[0] == 0x90 {
					return response
				}
				return append([]byte{0}, response...)
			}},
		}, {
			ID: "u2f/status-word-cut", Spec: "ISO 7816-4 §5.1",
			Doc:   "Responses to U2F commands lack their last byte, half a status word.",
			Seams: authenticator.Seams{APDU: func(response []byte) []byte { return response[:max(0, len(response)-1)] }},
		},
	}
}

// unsigned leaves out what follows the certificate, whose own length tells where it
// ends: that of a DER sequence of 256 bytes and more takes two bytes.
func unsigned(data []byte) []byte {
	at := u2fHandleLength + 1 + int(data[u2fHandleLength])
	const head = 4
	if len(data) < at+head {
		return data
	}
	end := at + head + int(binary.BigEndian.Uint16(data[at+2:]))
	return data[:min(end, len(data))]
}

// quietNotCounted takes back what was counted of authentications for which nobody was
// asked.
func quietNotCounted() Fault {
	quiet := false
	return Fault{
		ID: "u2f/quiet-not-counted", Spec: "FIDO U2F Raw Message Formats §5.4",
		Doc: "An authentication that demands no touch tells the next number, and does not count.",
		Seams: authenticator.Seams{
			Steps: steps{
				atU2F("5", "4 (presence)"): func(run func() error) error {
					quiet = true // until somebody is asked
					return run()
				},
				atU2F("5", "5 (signature)"): func(run func() error) error {
					defer func() { quiet = false }()
					return run()
				},
			},
			Answer: func(_ authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
				quiet = false
				return g, err
			},
			Keep: func(c authenticator.Change) authenticator.Change {
				if quiet && c.State != nil && c.State.SignCount > 0 {
					state := *c.State
					state.SignCount--
					c.State = &state
				}
				return c
			},
		},
	}
}

// withoutTail cuts the data of an authentication in extended form down to what its key
// handle needs.
func withoutTail(command []byte) []byte {
	const extendedHead, parameters = 7, 2*u2f.ParameterSize + 1
	if len(command) < extendedHead+parameters || command[1] != byte(u2f.InstructionAuthenticate) || command[4] != 0 {
		return command
	}
	wanted := parameters + int(command[extendedHead+parameters-1])
	if count := int(binary.BigEndian.Uint16(command[5:])); count <= wanted || len(command) < extendedHead+count {
		return command
	}
	cut := binary.BigEndian.AppendUint16(slices.Clone(command[:5]), uint16(wanted))
	return append(append(cut, command[extendedHead:][:wanted]...), 0, 0)
}
