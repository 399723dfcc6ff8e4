package fault

import (
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// dataOf is what a short command carries.
func dataOf(command []byte) []byte {
	if len(command) <= headSize+1 || command[headSize] == 0 {
		return nil
	}
	return command[headSize+1:][:min(int(command[headSize]), len(command)-headSize-1)]
}

func isChained(command []byte) bool { return command[0]&chained != 0 && command[1] == insCTAPMessage }

// asExtended lays a CTAP2 request out in a command of extended length.
func asExtended(request []byte) []byte {
	command := []byte{0x80, insCTAPMessage, 0, 0, 0}
	command = binary.BigEndian.AppendUint16(command, uint16(len(request)))
	return append(append(command, request...), 0, 0)
}

func chainFaults() []Fault {
	const chaining = "CTAP 2.3 §11.3.5"
	return []Fault{
		{
			ID: "nfc/chain-head-lost", Spec: chaining,
			Doc: "Of a request in parts only the last one counts.",
			NFC: instead(func(command []byte) []byte {
				if !isChained(command) {
					return nil
				}
				return []byte{0x90, 0}
			}),
		}, {
			ID: "nfc/chain-answered", Spec: chaining,
			Doc: "Each part of a request is answered with a byte.",
			NFC: retold([]byte{0}, nfc.NoError, isChained),
		},
		chainKept(),
		chainParametersUnchecked(),
		{
			ID: "nfc/chain-cut", Spec: chaining,
			Doc: "A request in parts that gets too long succeeds.",
			NFC: onAPDUs(func(command, data []byte, status nfc.Status) ([]byte, nfc.Status) {
				if command[1] == insCTAPMessage && len(data) == 1 && data[0] == 0x39 {
					data[0] = 0
				}
				return data, status
			}),
		},
	}
}

// chainKept puts parts together by itself, whatever comes between them.
func chainKept() Fault {
	var kept []byte
	parts := instead(func(command []byte) []byte {
		if !isChained(command) {
			return nil
		}
		kept = append(kept, dataOf(command)...)
		return []byte{0x90, 0}
	})
	heard := parts.Heard
	parts.Heard = func(command []byte) []byte {
		if len(command) > headSize && command[1] == insCTAPMessage && !isChained(command) && len(kept) > 0 && len(kept) < 4096 {
			command = asExtended(append(kept, dataOf(command)...))
			kept = nil
		}
		return heard(command)
	}
	return Fault{
		ID: "nfc/chain-kept", Spec: "CTAP 2.3 §11.3.5",
		Doc: "Parts of a request are kept when another command comes, and the next request goes on with them.",
		NFC: parts,
	}
}

// chainParametersUnchecked has the parameters of the first part stand for those of all.
func chainParametersUnchecked() Fault {
	var first []byte
	return Fault{
		ID: "nfc/chain-parameters-unchecked", Spec: "ISO 7816-4 §5.3.3",
		Doc: "Parts of a request may have other parameters than those before them.",
		NFC: nfc.Seams{Heard: func(command []byte) []byte {
			if len(command) < headSize || command[1] != insCTAPMessage {
				first = nil
				return command
			}
			if command = slices.Clone(command); first != nil {
				copy(command[2:headSize], first)
			}
			if first = nil; isChained(command) {
				first = command[2:headSize]
			}
			return command
		}},
	}
}

func partFaults() []Fault {
	const parts = "CTAP 2.3 §11.3.6, ISO 7816-4 §5.3.4"
	return []Fault{
		{
			ID: "nfc/extended-in-parts", Spec: "CTAP 2.3 §11.3.5",
			Doc: "Commands of extended length are answered in parts of 256 bytes, as short ones.",
			NFC: hearingAPDU(insCTAPMessage, func(command []byte) []byte {
				if !isExtended(command) || len(command) < headSize+3 {
					return command
				}
				count := int(binary.BigEndian.Uint16(command[headSize+1:]))
				if count > 255 || len(command) < headSize+3+count {
					return command
				}
				return append(append(command[:headSize:headSize], byte(count)), append(command[headSize+3:][:count:count], 0)...)
			}),
		}, {
			ID: "nfc/rest-miscounted", Spec: parts,
			Doc: "One byte more is said to be left of an answer than there is.",
			NFC: onAPDUs(func(_, data []byte, status nfc.Status) ([]byte, nfc.Status) {
				if status>>8 == moreData && status&0xFF != 0 && status&0xFF != 0xFF {
					status++
				}
				return data, status
			}),
		}, {
			ID: "nfc/le-ignored", Spec: parts,
			Doc: "Answers are as long as they are, however little the client has room for.",
			NFC: hearingAPDU(insCTAPMessage, func(command []byte) []byte {
				if len(command) == headSize+1+len(dataOf(command))+1 {
					command[len(command)-1] = 0
				}
				return command
			}),
		}, {
			ID: "nfc/rest-invented", Spec: parts,
			Doc: "GET RESPONSE succeeds where nothing is left.",
			NFC: restated(nfc.ConditionsNotSatisfied, nfc.NoError, of(insGetMore)),
		}, {
			ID: "nfc/parameters-unchecked", Spec: "CTAP 2.3 §11.3.5",
			Doc: "P1 and P2 of CTAP's own instructions may be anything.",
			NFC: nfc.Seams{Heard: func(command []byte) []byte {
				if len(command) < headSize || command[1] != insCTAPMessage && !isControl(command) {
					return command
				}
				command = slices.Clone(command)
				if command[3] = 0; isControl(command) {
					command[2] = p1End
				} else {
					command[2] &= p1Polls
				}
				return command
			}},
		}, {
			ID: "nfc/unknown-other", Spec: "ISO 7816-4 §5.6",
			Doc: "Instructions that the applet does not know end with status word 6F00.",
			NFC: restated(nfc.InstructionNotSupported, nfc.Internal, anyCommand),
		}, {
			ID: "nfc/class-unchecked", Spec: "ISO 7816-4 §5.6",
			Doc: "CTAP2 requests are served whatever their class is.",
			NFC: hearingAPDU(insCTAPMessage, func(command []byte) []byte {
				command[0] = 0x80 | command[0]&chained
				return command
			}),
		}, {
			ID: "nfc/short-u2f-refused", Spec: "CTAP 2.3 §11.3.5",
			Doc: "U2F commands are refused that are not of extended length.",
			NFC: refusing(nfc.WrongLength, func(command []byte) bool { return isU2F(command) && !isExtended(command) }),
		}, {
			ID: "nfc/u2f-rest-lost", Spec: parts,
			Doc: "Of a registration by U2F only the first 256 bytes can be had.",
			NFC: onAPDUs(func(command, data []byte, status nfc.Status) ([]byte, nfc.Status) {
				if isU2F(command) && status>>8 == moreData {
					status = nfc.NoError
				}
				return data, status
			}),
		},
	}
}

func isU2F(command []byte) bool { return command[0] == 0 && command[1] >= 1 && command[1] <= 3 }

func pollFaults() []Fault {
	const polling = "CTAP 2.3 §11.3.7.2"
	return []Fault{
		{
			ID: "nfc/polling-refused", Spec: "CTAP 2.3 §11.3.5",
			Doc: "Requests of clients are refused that say they can ask again.",
			NFC: refusing(nfc.IncorrectParameters, func(command []byte) bool { return command[1] == insCTAPMessage && command[2] == p1Polls }),
		}, {
			ID: "nfc/polls-unasked", Spec: "CTAP 2.3 §11.3.7",
			Doc: "Clients are told to ask again that did not say that they can.",
			NFC: onAPDUs(func(command, data []byte, status nfc.Status) ([]byte, nfc.Status) {
				if command[1] == insCTAPMessage && command[0]&chained == 0 && command[2]&p1Polls == 0 && status == nfc.NoError {
					return []byte{byte(nfc.Processing)}, nfc.StillProcessing
				}
				return data, status
			}),
		}, {
			ID: "nfc/poll-succeeds", Spec: polling,
			Doc: "NFCCTAP_GETRESPONSE succeeds while there is nothing to ask after.",
			NFC: restated(nfc.ConditionsNotSatisfied, nfc.NoError, of(insCTAPGetAnswer)),
		}, {
			ID: "nfc/keepalive-unknown", Spec: "CTAP 2.3 §11.3.7.1",
			Doc: "While it waits, the card tells a status that nobody knows.",
			NFC: retold([]byte{0x7F}, nfc.StillProcessing, anyCommand),
		}, {
			ID: "nfc/cancel-ignored", Spec: polling,
			Doc: "A request cannot be cancelled: P1 of NFCCTAP_GETRESPONSE has no meaning.",
			NFC: hearingAPDU(insCTAPGetAnswer, func(command []byte) []byte {
				if command[2] == p1Cancel {
					command[2] = 0
				}
				return command
			}),
		},
	}
}
