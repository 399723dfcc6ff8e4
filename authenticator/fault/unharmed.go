package fault

import (
	"context"
	"encoding/binary"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// unharmedFaults are of devices on which a request that is refused leaves traces, and of
// those that look at the first part alone.
func unharmedFaults() []Fault {
	return []Fault{failureEmpties(), laterFragmentsOfAnybody(), refusedIsKept(), silentCountFrozen()}
}

// afterRefusal does something to the store of a device that has refused a request with a
// status.
func afterRefusal(with ctap.Status, harm func(req ctap.Request, store authenticator.Store) error) authenticator.Seams {
	var store authenticator.Store
	return authenticator.Seams{
		Env: func(e authenticator.Env) authenticator.Env {
			store = e.Store
			return e
		},
		Result: func(req ctap.Request, resp any, err error) (any, error) {
			if ctap.StatusOf(err) != with {
				return resp, err
			}
			if failed := harm(req, store); failed != nil {
				return nil, failed
			}
			return resp, err
		},
	}
}

func failureEmpties() Fault {
	return Fault{
		ID: "largeblob/failure-empties", Spec: "CTAP 2.3 §6.10.2 (set)",
		Doc: "An array of large blobs whose hash is wrong is refused, and the one before is lost.",
		Seams: afterRefusal(ctap.IntegrityFailure, func(_ ctap.Request, store authenticator.Store) error {
			return store.Commit(context.Background(), authenticator.Change{LargeBlobs: []byte(emptyArray)})
		}),
	}
}

func laterFragmentsOfAnybody() Fault {
	later := false
	return Fault{
		ID: "largeblob/later-fragments-of-anybody", Spec: "CTAP 2.3 §6.10.2 (set)",
		Doc: "Of an array of large blobs only the first fragment has to be authorised.",
		Seams: authenticator.Seams{
			Request: func(req ctap.Request) ctap.Request {
				r, is := req.(*ctap.LargeBlobsRequest)
				later = is && r.Offset != nil && *r.Offset > 0
				return req
			},
			Steps: steps{at("6.10.2", "5.5"): func(run func() error) error {
				if later {
					return nil
				}
				return run()
			}},
		},
	}
}

// refusedIsKept goes on where an extension was refused, and says so in the end.
func refusedIsKept() Fault {
	var refused error
	return Fault{
		ID: "create/refused-is-kept", Spec: "CTAP 2.3 §6.1.2 step 15",
		Doc: "A creation that is refused because of an extension leaves a passkey behind.",
		Seams: authenticator.Seams{
			Request: func(req ctap.Request) ctap.Request {
				refused = nil
				return req
			},
			Steps: steps{at("6.1.2", "15"): func(run func() error) error {
				refused = run()
				return nil
			}},
			Result: func(_ ctap.Request, resp any, err error) (any, error) {
				if refused != nil {
					return nil, refused
				}
				return resp, err
			},
		},
	}
}

func silentCountFrozen() Fault {
	var last uint32
	return Fault{
		ID: "counter/silent-frozen", Spec: "WebAuthn L3 §6.1.1",
		Doc: "The counter stands still in assertions that nobody was asked for.",
		Seams: onAuthData(inPlace(func(authData []byte) {
			if webauthn.Flags(authData[flagsAt]).Has(webauthn.UserPresent) || last == 0 {
				last = binary.BigEndian.Uint32(authData[countAt:])
				return
			}
			binary.BigEndian.PutUint32(authData[countAt:], last)
		})),
	}
}
