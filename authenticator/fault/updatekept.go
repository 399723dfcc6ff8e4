package fault

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// whileManaging changes what is kept for updateUserInformation, and for deleteCredential
// where deleting is said.
func whileManaging(deleting bool, change func(authenticator.Change) authenticator.Change) authenticator.Seams {
	active := false
	return authenticator.Seams{
		Request: func(req ctap.Request) ctap.Request {
			r, is := req.(*ctap.CredentialManagementRequest)
			active = is && (r.SubCommand == ctap.UpdateUserInformation || deleting && r.SubCommand == ctap.DeleteCredential)
			return req
		},
		Keep: func(c authenticator.Change) authenticator.Change {
			if !active {
				return c
			}
			return change(c)
		},
	}
}

// updating changes the credential whose user is renamed.
func updating(change func(*authenticator.Credential)) authenticator.Seams {
	return whileManaging(false, func(c authenticator.Change) authenticator.Change {
		c.Put = altered(c.Put, change)
		return c
	})
}

// emptyArray is the array of large blobs as it left the factory (CTAP 2.3 §6.10).
const emptyArray = "\x80\x76\xbe\x8b\x52\x8d\x00\x75\xf7\xaa\xe9\x8d\x6f\xa5\x7a\x6d\x3c"

func updateKeptFaults() []Fault {
	const rule = "CTAP 2.3 §6.8.6"
	return []Fault{
		{
			ID: "management/update-drops-extensions", Spec: rule,
			Doc:   "Renaming the user of a passkey forgets its protection, its blobs and its keys.",
			Seams: updating(func(c *authenticator.Credential) { c.Extras = nil }),
		}, {
			ID: "management/update-resets-counter", Spec: rule + ", WebAuthn L3 §6.1.1",
			Doc: "Renaming the user of a passkey begins the counter anew.",
			Seams: whileManaging(false, func(c authenticator.Change) authenticator.Change {
				c.Put = altered(c.Put, func(c *authenticator.Credential) { c.SignCount = 0 })
				if c.State != nil {
					state := *c.State
					state.SignCount = 0
					c.State = &state
				}
				return c
			}),
		}, {
			ID: "management/update-makes-newest", Spec: rule + ", §6.2.2 step 12.2.1",
			Doc:   "A passkey whose user was renamed passes for the newest.",
			Seams: updating(func(c *authenticator.Credential) { c.Sequence += 1 << 32 }),
		},
		{
			ID: "largeblob/deleted-with-passkey", Spec: "CTAP 2.3 §6.8.5",
			Doc: "Deleting a passkey empties the array of large blobs.",
			Seams: whileManaging(true, func(c authenticator.Change) authenticator.Change {
				if len(c.Delete) > 0 {
					c.LargeBlobs = []byte(emptyArray)
				}
				return c
			}),
		},
		storeStateOfCreation(), usedUpByAnything(),
	}
}

func storeStateOfCreation() Fault {
	var last authenticator.Secret
	seams := whileManaging(true, func(c authenticator.Change) authenticator.Change {
		if c.State != nil && len(last) > 0 {
			state := *c.State
			state.CredStore = last
			c.State = &state
		}
		return c
	})
	manage := seams.Keep
	seams.Keep = func(c authenticator.Change) authenticator.Change {
		c = manage(c)
		if c.State != nil {
			last = c.State.CredStore
		}
		return c
	}
	return Fault{
		ID: "info/store-state-of-creation-alone", Spec: "CTAP 2.3 §6.4 (encCredStoreState), §6.8.5, §6.8.6",
		Doc:   "encCredStoreState does not change when a passkey is deleted or its user renamed.",
		Seams: seams,
	}
}

func usedUpByAnything() Fault {
	used := false
	return Fault{
		ID: "token/used-up-by-anything", Spec: "CTAP 2.3 §6.5.5.7",
		Doc: "A pinUvAuthToken serves one command, whatever that is.",
		Seams: authenticator.Seams{
			Result: func(req ctap.Request, resp any, err error) (any, error) {
				switch r := req.(type) {
				case *ctap.ClientPINRequest:
					used = used && r.SubCommand != ctap.GetPINToken && r.Permissions == nil
				case *ctap.ConfigRequest:
					used = used || err == nil
				case *ctap.BioEnrollmentRequest:
					used = used || err == nil
				case *ctap.CredentialManagementRequest:
					used = used || err == nil
				case *ctap.LargeBlobsRequest:
					used = used || err == nil
				}
				return resp, err
			},
			Token: func(rule authenticator.TokenRule, stops bool) bool {
				return stops || rule == authenticator.TokenOld && used
			},
		},
	}
}
