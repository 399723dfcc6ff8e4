package client

import (
	"context"
	"encoding/base64"
	"errors"

	"github.com/passkeylab/passkeylab/webauthn"
)

// CreateJSON is Create for callers that carry JSON between page and client:
// parseCreationOptionsFromJSON before (§5.1.8) and toJSON after (§5.1).
func (c *Client) CreateJSON(ctx context.Context, caller Caller, options []byte) ([]byte, error) {
	parsed, err := webauthn.ParseCreationOptions(options)
	if err != nil {
		return nil, unreadable(err)
	}
	response, err := c.Create(ctx, caller, parsed)
	if err != nil {
		return nil, err
	}
	return response.JSON()
}

// GetJSON is Get for callers that carry JSON: parseRequestOptionsFromJSON
// before (§5.1.9) and toJSON after (§5.1).
func (c *Client) GetJSON(ctx context.Context, caller Caller, options []byte) ([]byte, error) {
	parsed, err := webauthn.ParseRequestOptions(options)
	if err != nil {
		return nil, unreadable(err)
	}
	response, err := c.Get(ctx, caller, parsed)
	if err != nil {
		return nil, err
	}
	return response.JSON()
}

// unreadable is EncodingError for bad base64url (§5.1.8) and TypeError, as of
// Web IDL, for everything else.
func unreadable(err error) error {
	name := webauthn.TypeError
	if corrupt := base64.CorruptInputError(0); errors.As(err, &corrupt) {
		name = webauthn.EncodingError
	}
	return &webauthn.DOMException{Name: name, Message: err.Error(), Cause: err}
}
