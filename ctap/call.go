package ctap

import "context"

// Transport carries one encoded request to an authenticator and its encoded
// answer back. USB HID, the hybrid tunnel and an authenticator in the same
// process all look like this. Cancelling ctx cancels the request, as
// CTAPHID_CANCEL does; the error is for transport failures, never for a CTAP
// status. The response belongs to the caller.
type Transport interface {
	Exchange(ctx context.Context, request []byte) (response []byte, err error)
}

// Call sends req over t and decodes the answer that belongs to it. The error
// is a [Status] (possibly wrapped) when the authenticator refused.
func Call[Resp any](ctx context.Context, t Transport, req RequestFor[Resp]) (*Resp, error) {
	raw, err := EncodeRequest(req)
	if err != nil {
		return nil, err
	}
	answer, err := t.Exchange(ctx, raw)
	if err != nil {
		return nil, err
	}
	resp := req.answer()
	if err := DecodeResponse(answer, resp); err != nil {
		return nil, err
	}
	return resp, nil
}
