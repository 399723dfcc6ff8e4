package fault

import (
	"context"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// tokenScopeFaults are about which permissions a token has, and what becomes of it when
// another is asked for.
func tokenScopeFaults() []Fault {
	return []Fault{permissionsKept(), legacyHasAll(), readOnlyEndsOthers(), readOnlyRenewed(), listOutlivesToken(), writeOutlivesToken()}
}

// permissionsKept remembers what the token was asked for, and that a ceremony was held.
func permissionsKept() Fault {
	var granted, needed ctap.Permissions
	served := false
	ceremony := func(run func() error) error {
		err := run()
		served = served || err == nil
		return err
	}
	return Fault{
		ID: "token/permissions-kept", Spec: "CTAP 2.3 §6.1.2 step 14.4, §6.2.2 step 9, §6.5.3 (clearPinUvAuthTokenPermissionsExceptLbw)",
		Doc: "A pinUvAuthToken that has served a ceremony keeps the permissions that are not for ceremonies.",
		Seams: authenticator.Seams{
			Request: func(req ctap.Request) ctap.Request {
				if r, is := req.(*ctap.ClientPINRequest); is && r.Permissions != nil {
					granted, served = *r.Permissions, false
				}
				needed = permissionFor(req)
				return req
			},
			Steps: steps{at("6.1.2", "13 and 14"): ceremony, at("6.2.2", "8 and 9"): ceremony},
			Token: func(rule authenticator.TokenRule, stops bool) bool {
				return stops && !(rule == authenticator.TokenPermission && served && granted&needed != 0)
			},
		},
	}
}

// permissionFor is what a request needs that is no ceremony, 0 for others.
func permissionFor(req ctap.Request) ctap.Permissions {
	switch req.(type) {
	case *ctap.CredentialManagementRequest:
		return ctap.PermissionCredentialManagement
	case *ctap.BioEnrollmentRequest:
		return ctap.PermissionBioEnrollment
	case *ctap.ConfigRequest:
		return ctap.PermissionAuthenticatorConfig
	}
	return 0
}

func legacyHasAll() Fault {
	legacy := false
	return Fault{
		ID: "token/legacy-has-all", Spec: "CTAP 2.3 §6.5.5.7.1 step 13",
		Doc: "A pinUvAuthToken that was asked for as CTAP 2.0 does has every permission.",
		Seams: authenticator.Seams{
			Request: func(req ctap.Request) ctap.Request {
				if r, is := req.(*ctap.ClientPINRequest); is {
					legacy = r.SubCommand == ctap.GetPINToken || legacy && r.Permissions == nil
				}
				return req
			},
			Token: func(rule authenticator.TokenRule, stops bool) bool {
				return stops && !(rule == authenticator.TokenPermission && legacy)
			},
		},
	}
}

// asksPersistent reports whether a request is for the persistent token.
func asksPersistent(req ctap.Request) bool {
	r, is := req.(*ctap.ClientPINRequest)
	return is && r.Permissions != nil && *r.Permissions == ctap.PermissionPersistentReadOnly
}

func readOnlyEndsOthers() Fault {
	ended := false
	return Fault{
		ID: "token/read-only-ends-others", Spec: "CTAP 2.3 §6.5.5.7.2 step 12",
		Doc: "Asking for the persistent token ends the pinUvAuthToken that is in use.",
		Seams: authenticator.Seams{
			Request: func(req ctap.Request) ctap.Request {
				if r, is := req.(*ctap.ClientPINRequest); is && (r.Permissions != nil || r.SubCommand == ctap.GetPINToken) {
					ended = asksPersistent(req)
				}
				return req
			},
			Token: func(rule authenticator.TokenRule, stops bool) bool {
				return stops || rule == authenticator.TokenOld && ended
			},
		},
	}
}

// withoutPersistent is a store that does not tell of the persistent token while it is
// asked for.
type withoutPersistent struct {
	authenticator.Store
	asked *bool
}

func (s withoutPersistent) Load(ctx context.Context) (authenticator.Held, error) {
	held, err := s.Store.Load(ctx)
	if *s.asked {
		held.Settings.PersistentToken = nil
	}
	return held, err
}

func readOnlyRenewed() Fault {
	asked := false
	return Fault{
		ID: "token/read-only-renewed", Spec: "CTAP 2.3 §6.5.2.2",
		Doc: "Whoever asks for the persistent token gets a new one, and the one before is of no use any more.",
		Seams: authenticator.Seams{
			Request: func(req ctap.Request) ctap.Request {
				asked = asksPersistent(req)
				return req
			},
			Env: func(e authenticator.Env) authenticator.Env {
				e.Store = withoutPersistent{e.Store, &asked}
				return e
			},
		},
	}
}

// outliving has a token that is too old do where a request goes on with what was begun.
func outliving(goesOn func(ctap.Request) bool) authenticator.Seams {
	going := false
	return authenticator.Seams{
		Request: func(req ctap.Request) ctap.Request {
			going = goesOn(req)
			return req
		},
		Token: func(rule authenticator.TokenRule, stops bool) bool {
			return stops && !(going && (rule == authenticator.TokenOld || rule == authenticator.TokenUnused))
		},
	}
}

func listOutlivesToken() Fault {
	return Fault{
		ID: "management/list-outlives-token", Spec: "CTAP 2.3 §6 (stateful commands), §6.8.3, §6.8.4",
		Doc: "The list of relying parties or passkeys goes on after the pinUvAuthToken that began it is too old.",
		Seams: outliving(func(req ctap.Request) bool {
			r, is := req.(*ctap.CredentialManagementRequest)
			return is && (r.SubCommand == ctap.EnumerateRPsGetNextRP || r.SubCommand == ctap.EnumerateCredentialsGetNextCredential)
		}),
	}
}

func writeOutlivesToken() Fault {
	return Fault{
		ID: "largeblob/write-outlives-token", Spec: "CTAP 2.3 §6.5.3, §6.10.2 step 5.5",
		Doc: "An array of large blobs that was begun with a token can be finished with it when it is too old.",
		Seams: outliving(func(req ctap.Request) bool {
			r, is := req.(*ctap.LargeBlobsRequest)
			return is && r.Offset != nil && *r.Offset > 0
		}),
	}
}
