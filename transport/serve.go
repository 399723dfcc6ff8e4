package transport

import (
	"context"
	"errors"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// serve asks a device, which then implements [u2f.Transport] where it is asked by
// that protocol. A CTAP2 request that was cancelled has an answer, a status; there
// is none in U2F.
func serve(ctx context.Context, device ctap.Transport, byU2F bool, request []byte) ([]byte, error) {
	if byU2F {
		return device.(u2f.Transport).ExchangeAPDU(ctx, request)
	}
	answer, err := device.Exchange(ctx, request)
	if errors.Is(err, context.Canceled) {
		return ctap.EncodeResponse(nil, err), nil
	}
	return answer, err
}
