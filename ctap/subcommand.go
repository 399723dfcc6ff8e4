package ctap

import (
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// SubCommand chooses among the actions of one command: clientPIN,
// bioEnrollment, credentialManagement or authenticatorConfig. Each of them
// numbers its own; 0 is none of them and, in a message to be sent, absent.
type SubCommand uint64

// errSubCommandZero tells a subcommand that is there and zero from none at all.
var errSubCommandZero = errors.New("subCommand 0x00 does not exist")

// readSubCommand refuses zero, so that zero in a decoded message means absent.
func readSubCommand(r *canon.Reader) SubCommand {
	n := r.Uint()
	if n == 0 {
		r.Fail(errSubCommandZero)
	}
	return SubCommand(n)
}

// Params is subCommandParams: the members, and the bytes they travelled as,
// because a pinUvAuthParam is over the bytes received and never over a second
// encoding of them (CTAP 2.3 §6.7, §6.8, §6.11).
type Params[T any] struct {
	Value T
	raw   canon.Raw
}

// NewParams returns parameters to be sent.
func NewParams[T any](value T) (*Params[T], error) {
	raw, err := canon.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("subCommandParams: %w", err)
	}
	return &Params[T]{value, raw}, nil
}

// Bytes returns the parameters as they travel; nil where there are none.
func (p *Params[T]) Bytes() []byte {
	if p == nil {
		return nil
	}
	return p.raw
}

// MarshalCBOR returns the bytes that Bytes returns.
func (p *Params[T]) MarshalCBOR() ([]byte, error) { return p.raw, nil }

// readParams reads the members by read, and keeps their bytes.
func readParams[T any](r *canon.Reader, read func(*T, *canon.Reader)) *Params[T] {
	p := &Params[T]{raw: r.Raw()}
	if p.raw != nil {
		r.Fail(canon.Read(p.raw, func(r *canon.Reader) { read(&p.Value, r) }))
	}
	return p
}
