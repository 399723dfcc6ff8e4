package hybrid

import (
	"errors"
	"fmt"
	"net/http"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// What a transaction can end with, besides the errors of package ctap/hybrid and
// those of the context. All come inside an [*Error].
var (
	// ErrLost is that the tunnel was closed before its time. Where the service
	// said why, it is a [*ClosedError].
	ErrLost = errors.New("the tunnel was closed")

	// ErrSilent is that the other side said nothing for as long as was bearable.
	ErrSilent = errors.New("the other side has fallen silent")

	// ErrRules is that the other side said what it may not.
	ErrRules = errors.New("the other side does not keep to the rules")

	// ErrUnlinked is that a link does not hold any more. The computer has
	// forgotten it; only a QR code helps.
	ErrUnlinked = errors.New("the phone is not linked any more")

	// ErrClosed is that a [Remote] was closed on this side.
	ErrClosed = errors.New("the connection to the phone was closed")
)

// Error is where a transaction failed, and why.
type Error struct {
	During string // the step, such as "waiting for the handshake"
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("hybrid: %s: %v", e.During, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// during names the step that an error belongs to, once.
func during(step string, err error) error {
	if named := (*Error)(nil); err == nil || errors.As(err, &named) {
		return err
	}
	return &Error{step, err}
}

// RefusedError is a tunnel service that did not open a tunnel.
type RefusedError struct {
	URL    string
	Status int // of HTTP
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s answered %d %s", e.URL, e.Status, http.StatusText(e.Status))
}

// Is has a service that does not know a contact ID count as [ErrUnlinked].
func (e *RefusedError) Is(target error) bool {
	return target == ErrUnlinked && e.Status == http.StatusGone
}

// ClosedError is a tunnel that was closed with a code.
type ClosedError struct{ Code protocol.CloseCode }

func (e *ClosedError) Error() string { return fmt.Sprintf("%v: %v", ErrLost, e.Code) }
func (e *ClosedError) Unwrap() error { return ErrLost }
