package fault

import (
	"encoding/binary"
	"slices"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// Of command APDUs (ISO 7816-4 §5.1, CTAP 2.3 §11.3).
const (
	chained          = 0x10 // in the class: another part follows
	headSize         = 4
	insGetMore       = 0xC0
	insCTAPMessage   = 0x10
	insCTAPGetAnswer = 0x11
	insSelectApplet  = 0xA4
	moreData         = 0x61
)

// onAPDUs makes a seam of a change to a response, given the command that it is to.
// data is without the status word.
func onAPDUs(change func(command, data []byte, status nfc.Status) ([]byte, nfc.Status)) nfc.Seams {
	var command []byte
	return nfc.Seams{
		Heard: func(heard []byte) []byte {
			command = slices.Clone(heard)
			return heard
		},
		Said: func(response []byte) []byte {
			end := len(response) - 2
			if end < 0 || len(command) < headSize {
				return response
			}
			data, status := change(command, slices.Clone(response[:end]), nfc.Status(binary.BigEndian.Uint16(response[end:])))
			return binary.BigEndian.AppendUint16(data, uint16(status))
		},
	}
}

// refusing answers commands of some kind with a status word alone.
func refusing(status nfc.Status, is func(command []byte) bool) nfc.Seams {
	return onAPDUs(func(command, data []byte, sound nfc.Status) ([]byte, nfc.Status) {
		if is(command) {
			return nil, status
		}
		return data, sound
	})
}

// restated has responses that end with one status, to commands of some kind, end with
// another.
func restated(from, to nfc.Status, is func(command []byte) bool) nfc.Seams {
	return onAPDUs(func(command, data []byte, status nfc.Status) ([]byte, nfc.Status) {
		if status == from && is(command) {
			status = to
		}
		return data, status
	})
}

// retold has responses that end with a status, to commands of some kind, carry other
// data.
func retold(told []byte, with nfc.Status, is func(command []byte) bool) nfc.Seams {
	return onAPDUs(func(command, data []byte, status nfc.Status) ([]byte, nfc.Status) {
		if status == with && is(command) {
			data = slices.Clone(told)
		}
		return data, status
	})
}

func anyCommand([]byte) bool { return true }

// of tells commands of an instruction.
func of(instruction byte) func(command []byte) bool {
	return func(command []byte) bool { return command[1] == instruction }
}

func isExtended(command []byte) bool { return len(command) > headSize+2 && command[headSize] == 0 }

func nfcFaults() []Fault {
	return slices.Concat(cardFaults(), appletFaults(), chainFaults(), partFaults(), pollFaults())
}

func cardFaults() []Fault {
	const selecting = "CTAP 2.3 §11.3.3"
	const parts = "CTAP 2.3 §11.3.6, ISO 7816-4 §5.3.4"
	return []Fault{
		{
			ID: "nfc/version-unknown", Spec: selecting,
			Doc: "Selecting the applet tells a version that nobody knows, FIDO_9_9.",
			NFC: retold([]byte("FIDO_9_9"), nfc.NoError, of(insSelectApplet)),
		}, {
			ID: "nfc/version-without-u2f", Spec: selecting,
			Doc: "Selecting the applet tells FIDO_2_0, though the device has U2F too and has to say so.",
			NFC: retold([]byte(nfc.VersionCTAP), nfc.NoError, of(insSelectApplet)),
		}, {
			ID: "nfc/applet-missing", Spec: selecting,
			Doc: "The applet cannot be selected.",
			NFC: refusing(nfc.ApplicationNotFound, of(insSelectApplet)),
		}, {
			ID: "nfc/any-applet", Spec: selecting,
			Doc: "Applets that are not there can be selected.",
			NFC: restated(nfc.ApplicationNotFound, nfc.NoError, of(insSelectApplet)),
		}, {
			ID: "nfc/no-chaining", Spec: "CTAP 2.3 §11.3.5",
			Doc: "Commands in parts are refused.",
			NFC: refusing(nfc.ChainingNotSupported, func(command []byte) bool { return command[0]&chained != 0 }),
		}, {
			ID: "nfc/no-extended-length", Spec: "CTAP 2.3 §11.3.5",
			Doc: "Commands of extended length are refused.",
			NFC: refusing(nfc.WrongLength, isExtended),
		}, {
			ID: "nfc/rest-lost", Spec: parts,
			Doc: "That there is more to an answer is not told.",
			NFC: onAPDUs(func(_, data []byte, status nfc.Status) ([]byte, nfc.Status) {
				if status>>8 == moreData {
					return data, nfc.NoError
				}
				return data, status
			}),
		}, {
			ID: "nfc/rest-refused", Spec: parts,
			Doc: "The rest of an answer cannot be fetched.",
			NFC: refusing(nfc.InstructionNotSupported, of(insGetMore)),
		}, {
			ID: "nfc/rest-endless", Spec: parts,
			Doc: "There is always more to an answer.",
			NFC: restated(nfc.NoError, moreData<<8|1, anyCommand),
		}, {
			ID: "nfc/failure-in-status-word", Spec: "CTAP 2.3 §11.3.5.1",
			Doc: "CTAP2 requests that fail are answered with status word 6F00 in place of their status.",
			NFC: onAPDUs(func(command, data []byte, status nfc.Status) ([]byte, nfc.Status) {
				if command[1] == insCTAPMessage && status == nfc.NoError && len(data) == 1 && data[0] != 0 {
					return nil, nfc.Internal
				}
				return data, status
			}),
		}, {
			ID: "nfc/success-in-status-word", Spec: "ISO 7816-4 §5.6",
			Doc: "Success has status word 9001.",
			NFC: restated(nfc.NoError, nfc.NoError+1, anyCommand),
		}, {
			ID: "nfc/status-word-cut", Spec: "ISO 7816-4 §5.1",
			Doc: "Responses lack their last byte, half a status word.",
			NFC: nfc.Seams{Said: func(response []byte) []byte { return response[:max(0, len(response)-1)] }},
		}, {
			ID: "nfc/unknown-succeeds", Spec: "CTAP 2.3 §11.3.4, ISO 7816-4 §5.6",
			Doc: "Instructions that the applet does not know succeed.",
			NFC: restated(nfc.InstructionNotSupported, nfc.NoError, anyCommand),
		}, {
			ID: "nfc/no-polling", Spec: "CTAP 2.3 §11.3.7.2",
			Doc: "NFCCTAP_GETRESPONSE is not known, though the device wants to be asked again.",
			NFC: refusing(nfc.InstructionNotSupported, of(insCTAPGetAnswer)),
		}, {
			ID: "nfc/keepalive-without-status", Spec: "CTAP 2.3 §11.3.7.1",
			Doc: "The device says that it is still processing, and not what it waits for.",
			NFC: retold(nil, nfc.StillProcessing, anyCommand),
		},
	}
}
