package client

import (
	"encoding/json"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/jsontext"
	"github.com/passkeylab/passkeylab/webauthn"
)

// readInput has read walk over the whole input of an extension. Its error is
// the exception for one that has another shape.
func readInput(id string, input json.RawMessage, read func(*jsontext.Reader)) error {
	r := jsontext.NewReader(input)
	read(r)
	if err := r.End(); err != nil {
		return unreadable(fmt.Errorf("extension %s: %w", id, err))
	}
	return nil
}

// readBytes reads a byte string, which is nil for null only.
func readBytes(r *jsontext.Reader) webauthn.Base64URL {
	if r.Null() {
		return nil
	}
	b, err := webauthn.ParseBase64URL(r.String())
	if err != nil {
		r.Fail(err)
	}
	return b
}
