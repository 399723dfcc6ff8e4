package fault

import (
	"reflect"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// strictFaults refuse what has to be accepted.
func strictFaults() []Fault {
	return []Fault{
		{
			ID: "strict/unknown-member", Spec: "CTAP 2.3 §8",
			Doc:   "A request with members that nobody knows is refused.",
			Seams: authenticator.Seams{Heard: refuseSurplus},
		}, {
			ID: "strict/token", Spec: "CTAP 2.3 §6.5.4 (verify)",
			Doc: "No pinUvAuthToken is accepted, whatever it may do.",
			Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
				if err == nil && hasParam(req) {
					return nil, ctap.PINAuthInvalid
				}
				return resp, err
			}},
		}, {
			ID: "strict/pin", Spec: "CTAP 2.3 §6.5.5.7.2 step 9",
			Doc: "No PIN is worth a token, the right one neither.",
			Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
				if r, ok := req.(*ctap.ClientPINRequest); err == nil && ok && len(r.PINHashEnc) > 0 {
					return nil, ctap.PINInvalid
				}
				return resp, err
			}},
		},
	}
}

// refuseSurplus cuts a request short, so that it cannot be decoded, where it has more
// in it than is understood.
func refuseSurplus(request []byte) []byte {
	understood, err := ctap.DecodeRequest(request)
	if err != nil {
		return request
	}
	if again, err := ctap.EncodeRequest(understood); err != nil || len(again) >= len(request) {
		return request
	}
	return request[:len(request)-1]
}

// hasParam reports a request of whatever command with a pinUvAuthParam.
func hasParam(req ctap.Request) bool {
	if req == nil {
		return false
	}
	v := reflect.Indirect(reflect.ValueOf(req))
	param := v.FieldByName("PinUvAuthParam")
	return param.IsValid() && param.Kind() == reflect.Slice && param.Len() > 0
}
