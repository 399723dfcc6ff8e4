package forge

import "github.com/passkeylab/passkeylab/conformance/internal/cbor"

// Change changes an answer at stages of its making, in this order. What is made
// later is made over what an earlier stage became. A nil stage changes nothing.
type Change struct {
	Client     func(Object) Object // members of the client data
	ClientJSON func([]byte) []byte // the same as written

	Key       func(cbor.Map) cbor.Map // of a registration: the COSE_Key
	KeyBytes  func([]byte) []byte     // the same as written
	Auth      func(*AuthData)
	AuthBytes func([]byte) []byte // the same as written

	// Attest makes the statement of a registration in place of none.
	Attest      Attest
	Object      func(cbor.Map) cbor.Map // the attestation object
	ObjectBytes func([]byte) []byte     // the same as written

	Sign      func(message []byte) []byte // in place of the credential's key, at login
	Message   func([]byte) []byte         // what is signed at login
	Signature func([]byte) []byte

	Response func(Object) Object // the member "response"
	Body     func(Object) Object // around it
	Text     func([]byte) []byte // all of it as written
}

// Attest makes an attestation statement over authenticator data and the hash of
// client data: its format, and a value that the judge's CBOR can write.
type Attest func(authData, clientDataHash []byte) (format string, statement any, err error)

func apply[T any](change func(T) T, v T) T {
	if change == nil {
		return v
	}
	return change(v)
}

// Both is one change after another. Where both have a stage of which there can be one
// alone, the other's counts.
func (c Change) Both(other Change) Change {
	return Change{
		Client: both(c.Client, other.Client), ClientJSON: both(c.ClientJSON, other.ClientJSON),
		Key: both(c.Key, other.Key), KeyBytes: both(c.KeyBytes, other.KeyBytes),
		Auth: bothAuth(c.Auth, other.Auth), AuthBytes: both(c.AuthBytes, other.AuthBytes),
		Attest: either(c.Attest, other.Attest), Object: both(c.Object, other.Object), ObjectBytes: both(c.ObjectBytes, other.ObjectBytes),
		Sign: either(c.Sign, other.Sign), Message: both(c.Message, other.Message), Signature: both(c.Signature, other.Signature),
		Response: both(c.Response, other.Response), Body: both(c.Body, other.Body), Text: both(c.Text, other.Text),
	}
}

func both[T any](first, second func(T) T) func(T) T {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(v T) T { return second(first(v)) }
}

func bothAuth(first, second func(*AuthData)) func(*AuthData) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(a *AuthData) { first(a); second(a) }
}

func either[F ~func([]byte) []byte | ~func([]byte, []byte) (string, any, error)](first, second F) F {
	if second != nil {
		return second
	}
	return first
}
