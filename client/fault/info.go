package fault

import (
	"context"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
)

const infoSpec = "CTAP 2.3 §6.4"

func infoFaults() []Fault {
	all := []Fault{
		{ID: "info/never-asked", Spec: infoSpec, Doc: "The client supposes what the authenticator is.", Messages: func(next Exchange) Exchange {
			return func(ctx context.Context, request []byte) ([]byte, error) {
				if len(request) == 1 && ctap.Command(request[0]) == getInfo {
					return supposed(getInfo, nil), nil
				}
				return next(ctx, request)
			}
		}},
		{ID: "info/asked-with-parameters", Spec: infoSpec, Doc: "getInfo is sent with an empty map.", Messages: followed(getInfo)},
	}
	for _, u := range unknowns {
		all = append(all, Fault{
			ID: "info/unknown-" + u.name + "-refused", Spec: canonical, Doc: "A " + u.name + " in getInfo that the client does not know ends the request.",
			Messages: refused(getInfo, u.there),
		})
	}
	return all
}

// unknowns find what getInfo may say in some years.
var unknowns = []struct {
	name  string
	there func(info members) bool
}{
	{"member", func(info members) bool {
		for k := range info {
			if n, ok := k.(uint64); !ok || n > 0x1F {
				return true
			}
		}
		return false
	}},
	{"option", func(info members) bool {
		for name := range inner(info, key(4)) {
			if !slices.Contains([]any{"rk", "up", "plat", "uv", "clientPin", "pinUvAuthToken", "makeCredUvNotRqd", "largeBlobs", "alwaysUv", "ep", "setMinPINLength"}, name) {
				return true
			}
		}
		return false
	}},
	{"version", lacks(1, "U2F_V2", "FIDO_2_0", "FIDO_2_1_PRE", "FIDO_2_1", "FIDO_2_3")},
	{"extension", lacks(2, "credProtect", "credBlob", "hmac-secret", "hmac-secret-mc", "largeBlobKey", "minPinLength")},
	{"transport", lacks(9, "usb", "nfc", "ble", "internal", "hybrid")},
	{"algorithm", func(info members) bool {
		return slices.ContainsFunc(entries(info, 0x0A), func(e any) bool { alg, _ := e.(members)["alg"].(int64); return alg < -300 })
	}},
	{"certification", func(info members) bool { return inner(info, key(0x13))["FUTURE"] != nil }},
	{"format", lacks(0x16, "packed", "none", "fido-u2f")},
}

// lacks finds texts in a list that are none of those known.
func lacks(k uint64, known ...any) func(members) bool {
	return func(info members) bool {
		return slices.ContainsFunc(entries(info, k), func(e any) bool { return !slices.Contains(known, e) })
	}
}
