package u2f

import "context"

// Transport carries one command APDU to an authenticator and its response APDU
// back, as CTAPHID_MSG does. The error is for transport failures, never for a
// status word.
type Transport interface {
	ExchangeAPDU(ctx context.Context, command []byte) (response []byte, err error)
}

// Call sends req over t and decodes the answer that belongs to it. The error is
// a [Status] when the authenticator refused; ConditionsNotSatisfied asks for a
// touch and for the same call again (§4.2, §5.2).
func Call[Resp any, P interface {
	*Resp
	Response
}](ctx context.Context, t Transport, req RequestFor[Resp]) (*Resp, error) {
	command, err := EncodeRequest(req)
	if err != nil {
		return nil, err
	}
	answer, err := t.ExchangeAPDU(ctx, command)
	if err != nil {
		return nil, err
	}
	return DecodeResponse[Resp, P](req, answer)
}
