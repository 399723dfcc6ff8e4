// Package canon is the CTAP2 canonical CBOR encoding form (CTAP 2.3 §8): the
// only CBOR that passes between our packages.
//
// It owns the strict reading rules (shortest form, definite lengths, sorted and
// unique keys, no tags, four levels, nothing after the item) and lends the
// encoding itself to fxamacker/cbor. It must never know what a message means.
package canon

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// MaxDepth is the deepest nesting of arrays and maps that CTAP2 allows (§8):
// a map in an array in a map counts three.
const MaxDepth = 4

// Raw is one encoded item, kept as the bytes that arrived, for values whose
// meaning is decided later or whose exact bytes are signed.
type Raw = cbor.RawMessage

var (
	encoder = must(cbor.CTAP2EncOptions().EncMode())
	decoder = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		MaxNestedLevels:   MaxDepth,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
	}.DecMode())
)

// must turns a broken constant above into a failure at start-up; no input
// from outside reaches it.
func must[M any](mode M, err error) M {
	if err != nil {
		panic("canon: " + err.Error())
	}
	return mode
}

// TypeError says that an item is well-formed but is not of the CBOR type the
// message wants. CTAP answers it with its own status (§8), so it is told apart
// from [FormError].
type TypeError struct{ Err error }

func (e *TypeError) Error() string { return e.Err.Error() }
func (e *TypeError) Unwrap() error { return e.Err }

// Marshal encodes v in canonical form. It fails only for Go values that have
// no CBOR form, such as channels.
func Marshal(v any) ([]byte, error) { return encoder.Marshal(v) }

// Unmarshal decodes exactly one canonical item into v. The error is a
// [*FormError] when the bytes break the canonical form and a [*TypeError]
// when they are canonical but do not fit v. Unknown map keys are ignored (§8).
func Unmarshal(data []byte, v any) error {
	if err := Check(data); err != nil {
		return err
	}
	return decode(data, v)
}

// UnmarshalFirst decodes the first canonical item of data into v and returns
// what follows it.
func UnmarshalFirst(data []byte, v any) (rest []byte, err error) {
	n, err := Len(data)
	if err != nil {
		return nil, err
	}
	return data[n:], decode(data[:n], v)
}

func decode(data []byte, v any) error {
	err := decoder.Unmarshal(data, v)
	if err == nil {
		return nil
	}
	// The form was checked before, so what is left is a matter of types,
	// except invalid UTF-8, which only the decoder sees.
	if semantic := (*cbor.SemanticError)(nil); errors.As(err, &semantic) {
		return &FormError{Rule: validText}
	}
	return &TypeError{err}
}

// Diagnose renders data in CBOR diagnostic notation for people. Bytes that are
// no CBOR are said to be so, never dropped.
func Diagnose(data []byte) string {
	text, err := cbor.Diagnose(data)
	if err != nil {
		return fmt.Sprintf("(not CBOR: %v) %x", err, data)
	}
	return text
}
