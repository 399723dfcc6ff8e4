package u2f

import (
	"errors"
	"fmt"
)

// Status is the status word that ends every response (§3.3). A Status is an
// error, so errors.Is(err, u2f.ConditionsNotSatisfied) reads well; NoError is
// never returned as one.
type Status uint16

// Status words. ConditionsNotSatisfied asks for a touch and for the same request
// again, and is how a check-only request says yes; WrongData is how one says no.
const (
	NoError                 Status = 0x9000
	WrongLength             Status = 0x6700
	ConditionsNotSatisfied  Status = 0x6985
	CommandNotAllowed       Status = 0x6986
	WrongData               Status = 0x6A80
	IncorrectParameters     Status = 0x6A86 // P1 or P2
	InstructionNotSupported Status = 0x6D00
	ClassNotSupported       Status = 0x6E00
	Other                   Status = 0x6F00
)

var statusNames = map[Status]string{
	NoError:                 "SW_NO_ERROR",
	WrongLength:             "SW_WRONG_LENGTH",
	ConditionsNotSatisfied:  "SW_CONDITIONS_NOT_SATISFIED",
	CommandNotAllowed:       "SW_COMMAND_NOT_ALLOWED",
	WrongData:               "SW_WRONG_DATA",
	IncorrectParameters:     "SW_INCORRECT_P1P2",
	InstructionNotSupported: "SW_INS_NOT_SUPPORTED",
	ClassNotSupported:       "SW_CLA_NOT_SUPPORTED",
	Other:                   "SW_UNKNOWN",
}

// String returns the name of the status word, or its number.
func (s Status) String() string {
	if name, ok := statusNames[s]; ok {
		return name
	}
	return fmt.Sprintf("U2F status 0x%04X", uint16(s))
}

func (s Status) Error() string { return s.String() }

// Error is a Status together with what led to it. Only the Status travels on
// the wire; the reason goes to transcripts and logs.
type Error struct {
	Status Status
	Reason string
}

func (e *Error) Error() string { return e.Status.Error() + ": " + e.Reason }
func (e *Error) Unwrap() error { return e.Status }

// Errorf builds an [*Error].
func Errorf(s Status, format string, args ...any) error {
	return &Error{s, fmt.Sprintf(format, args...)}
}

// StatusOf is the one place where a Go error becomes a status word: nil is
// NoError, a wrapped Status itself, anything else Other.
func StatusOf(err error) Status {
	var s Status
	switch {
	case err == nil:
		return NoError
	case errors.As(err, &s):
		return s
	}
	return Other
}
