package fault

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// quirkFaults are those that clients were seen to work around, so that there are
// devices with them. Each says whose source has the work-around.
func quirkFaults() []Fault {
	return []Fault{
		nameCutInCharacter(),
		{
			ID: "quirk/invalid-credential", Spec: "CTAP 2.3 §6.2.2 step 7.6",
			Doc:   "A sign-in without a fitting credential fails with CTAP2_ERR_INVALID_CREDENTIAL; seen in Chromium, device/fido/get_assertion_request_handler.cc.",
			Seams: ending(ctap.NoCredentials, ctap.Errorf(ctap.InvalidCredential, "the fault says so"), toAssert),
		},
		loneCredentialMissing(),
		{
			ID: "quirk/user-missing-when-listed", Spec: "CTAP 2.3 §6.2.2 step 12.3",
			Doc:   "A passkey that signs in from a list of credentials does not tell its user handle, as some Android devices do; seen in Chromium, device/fido/virtual_ctap2_device.h.",
			Seams: onListed(func(r *ctap.GetAssertionResponse) { r.User = nil }),
		},
		silentRefused(),
		displayNameRequired(),
		{
			ID: "quirk/extensions-refused", Spec: "CTAP 2.3 §6.1.2 step 15, §6.2.2 step 10",
			Doc: "A request with any extension at all is refused; seen in Chromium, device/fido/virtual_ctap2_device.h.",
			Seams: refusingRequests(ctap.UnsupportedOption, func(req ctap.Request) bool {
				switch r := req.(type) {
				case *ctap.MakeCredentialRequest:
					return len(r.Extensions) > 0
				case *ctap.GetAssertionRequest:
					return len(r.Extensions) > 0
				}
				return false
			}),
		}, {
			ID: "quirk/empty-enumeration-succeeds", Spec: "CTAP 2.3 §6.8.3 step 7",
			Doc: "Listing the relying parties of a device without passkeys succeeds with a total of none; clients meet both, as in Chromium, device/fido/virtual_ctap2_device.h.",
			Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
				r, is := req.(*ctap.CredentialManagementRequest)
				if is && r.SubCommand == ctap.EnumerateRPsBegin && ctap.StatusOf(err) == ctap.NoCredentials {
					return &ctap.CredentialManagementResponse{TotalRPs: new(uint64)}, nil
				}
				return resp, err
			}},
		},
		{
			ID: "quirk/lists-of-one", Spec: "CTAP 2.3 §6.4 member 0x07",
			Doc: "A list of more than one credential fails with CTAP2_ERR_LIMIT_EXCEEDED, whatever getInfo says; seen in Chromium, device/fido/virtual_ctap2_device.h.",
			Seams: refusingRequests(ctap.LimitExceeded, func(req ctap.Request) bool {
				switch r := req.(type) {
				case *ctap.MakeCredentialRequest:
					return len(r.ExcludeList) > 1
				case *ctap.GetAssertionRequest:
					return len(r.AllowList) > 1
				}
				return false
			}),
		}, {
			ID: "quirk/cancel-status", Spec: "CTAP 2.3 §11.2.9.1.5",
			Doc: "A request that the platform cancels fails with CTAP2_ERR_OPERATION_DENIED.",
			Seams: authenticator.Seams{Result: func(_ ctap.Request, resp any, err error) (any, error) {
				if err != nil && ctap.StatusOf(err) == ctap.KeepaliveCancel {
					return nil, ctap.Errorf(ctap.OperationDenied, "the fault says so, instead of: %v", err)
				}
				return resp, err
			}},
		}, {
			ID: "quirk/empty-user-id", Spec: "CTAP 2.3 §6.2.2 step 12.3",
			Doc: "Credentials that are not discoverable answer with a user handle of no bytes.",
			Seams: onAssertion(func(r *ctap.GetAssertionResponse) {
				if r.User == nil {
					r.User = &ctap.UserEntity{ID: []byte{}}
				}
			}),
		}, {
			ID: "quirk/uv-option-unsupported", Spec: "CTAP 2.3 §6.1.2 step 5.3, §6.2.2 step 4.3",
			Doc: "Option uv is refused whatever its value; seen in authenticator-rs, src/ctap2/mod.rs.",
			Seams: refusingRequests(ctap.UnsupportedOption, func(req ctap.Request) bool {
				return optionsOf(req) != nil && optionsOf(req).UV != nil
			}),
		}, {
			ID: "quirk/up-option-refused", Spec: "CTAP 2.3 §6.1.2 step 5.6",
			Doc: "A creation with option up true is refused, as devices of CTAP 2.0 may do.",
			Seams: refusingRequests(ctap.InvalidOption, func(req ctap.Request) bool {
				r, is := req.(*ctap.MakeCredentialRequest)
				return is && r.Options != nil && r.Options.UP != nil && *r.Options.UP
			}),
		},
	}
}

func optionsOf(req ctap.Request) *ctap.Options {
	switch r := req.(type) {
	case *ctap.MakeCredentialRequest:
		return r.Options
	case *ctap.GetAssertionRequest:
		return r.Options
	}
	return nil
}

// refusingRequests has the first step of the two ceremonies refuse some requests.
func refusingRequests(status ctap.Status, is func(ctap.Request) bool) authenticator.Seams {
	refused := false
	refuse := func(run func() error) error {
		if refused {
			return ctap.Errorf(status, "the fault says so")
		}
		return run()
	}
	return authenticator.Seams{
		Request: func(req ctap.Request) ctap.Request {
			refused = is(req)
			return req
		},
		Steps: steps{at("6.1.2", "0 (message)"): refuse, at("6.2.2", "0 (message)"): refuse},
	}
}

// onListed makes a seam of a change to assertions that had a list.
func onListed(change func(*ctap.GetAssertionResponse)) authenticator.Seams {
	return authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
		if r, is := req.(*ctap.GetAssertionRequest); !is || len(r.AllowList) == 0 {
			return resp, err
		}
		return answering(change)(req, resp, err)
	}}
}

func loneCredentialMissing() Fault {
	return Fault{
		ID: "quirk/lone-credential-missing", Spec: "CTAP 2.3 §6.2.2",
		Doc: "Where a list has one credential, the assertion does not say by which one it is; seen in Chromium, device/fido/get_assertion_task.cc.",
		Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
			if r, is := req.(*ctap.GetAssertionRequest); !is || len(r.AllowList) != 1 {
				return resp, err
			}
			return answering(func(r *ctap.GetAssertionResponse) { r.Credential = nil })(req, resp, err)
		}},
	}
}

func silentRefused() Fault {
	return Fault{
		ID: "quirk/silent-refused", Spec: "CTAP 2.3 §6.2.2 step 4.5",
		Doc: "A sign-in with option up false is refused; seen in Chromium, device/fido/virtual_ctap2_device.h.",
		Seams: refusingRequests(ctap.UnsupportedOption, func(req ctap.Request) bool {
			r, is := req.(*ctap.GetAssertionRequest)
			return is && r.Options != nil && r.Options.UP != nil && !*r.Options.UP
		}),
	}
}

func displayNameRequired() Fault {
	return Fault{
		ID: "quirk/display-name-required", Spec: "CTAP 2.3 §6.1.1",
		Doc: "A creation without a display name fails with CTAP2_ERR_INVALID_CBOR, as iPhones do it; seen in Chromium, device/fido/virtual_ctap2_device.h.",
		Seams: refusingRequests(ctap.InvalidCBOR, func(req ctap.Request) bool {
			r, is := req.(*ctap.MakeCredentialRequest)
			return is && r.User.DisplayName == ""
		}),
	}
}

// mostOfName is how many bytes of a name are kept.
const mostOfName = 64

// nameCutInCharacter remembers the names as they were sent.
func nameCutInCharacter() Fault {
	var sent ctap.UserEntity
	cut := func(name string) string { return name[:min(mostOfName, len(name))] }
	seams := keepingCredentials(func(c *authenticator.Credential) {
		if string(c.User.ID) == string(sent.ID) {
			c.User.Name, c.User.DisplayName = cut(sent.Name), cut(sent.DisplayName)
		}
	})
	seams.Request = func(req ctap.Request) ctap.Request {
		sent = ctap.UserEntity{}
		if r, is := req.(*ctap.MakeCredentialRequest); is {
			sent = r.User
		}
		return req
	}
	return Fault{
		ID: "quirk/name-cut-in-character", Spec: "CTAP 2.3 §6.1.2, WebAuthn L3 §6.4.1",
		Doc:   "A name that is too long is cut within a character, so that it is no UTF-8 any more; seen in Chromium, device/fido/ctap2_device_operation.h.",
		Seams: seams,
	}
}
