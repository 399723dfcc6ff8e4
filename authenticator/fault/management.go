package fault

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// onManagement makes a seam of a change to answers of credentialManagement.
func onManagement(change func(*ctap.CredentialManagementResponse)) authenticator.Seams {
	return authenticator.Seams{Result: answering(change)}
}

func managementFaults() []Fault {
	const listing = "CTAP 2.3 §6.8.4"
	return []Fault{
		{
			ID: "management/anybody", Spec: "CTAP 2.3 §6.8 (pinUvAuthParam)",
			Doc:   "Whoever asks may manage credentials, with a wrong pinUvAuthParam or with one that lacks permission cm.",
			Seams: skipping(at("6.8.2", "4 and 5"), at("6.8.3", "4 and 5"), at("6.8.4", "4 and 5"), at("6.8.5", "4 and 5"), at("6.8.6", "4 and 5")),
		}, {
			ID: "management/any-rp", Spec: "CTAP 2.3 §6.8.5 step 6, §6.8.6 step 6",
			Doc:   "A token for one RP ID manages the passkeys of every other.",
			Seams: ending(ctap.PINAuthInvalid, nil, at("6.8.2", "6"), at("6.8.3", "6"), at("6.8.4", "6"), at("6.8.5", "6"), at("6.8.6", "6")),
		}, {
			ID: "management/total-wrong", Spec: listing,
			Doc: "The total of passkeys for a relying party is one too high.",
			Seams: onManagement(func(r *ctap.CredentialManagementResponse) {
				if r.TotalCredentials != nil {
					total := *r.TotalCredentials + 1
					r.TotalCredentials = &total
				}
			}),
		}, {
			ID: "management/total-rps-wrong", Spec: "CTAP 2.3 §6.8.3",
			Doc: "The total of relying parties is one too low.",
			Seams: onManagement(func(r *ctap.CredentialManagementResponse) {
				if r.TotalRPs != nil && *r.TotalRPs > 0 {
					total := *r.TotalRPs - 1
					r.TotalRPs = &total
				}
			}),
		}, {
			ID: "management/metadata-frozen", Spec: "CTAP 2.3 §6.8.2",
			Doc: "The device claims to hold no passkey.",
			Seams: onManagement(func(r *ctap.CredentialManagementResponse) {
				if r.ExistingResidentCredentialsCount != nil {
					none := uint64(0)
					r.ExistingResidentCredentialsCount = &none
				}
			}),
		}, {
			ID: "management/rp-hash-wrong", Spec: "CTAP 2.3 §6.8.3",
			Doc: "The hash that comes with an RP ID is that of another.",
			Seams: onManagement(func(r *ctap.CredentialManagementResponse) {
				if r.RPIDHash != nil {
					r.RPIDHash = otherRPIDHash[:]
				}
			}),
		}, {
			ID: "management/key-missing", Spec: listing,
			Doc:   "Passkeys are listed without their public keys.",
			Seams: onManagement(func(r *ctap.CredentialManagementResponse) { r.PublicKey = nil }),
		}, {
			ID: "management/user-missing", Spec: listing,
			Doc:   "Passkeys are listed without their users.",
			Seams: onManagement(func(r *ctap.CredentialManagementResponse) { r.User = nil }),
		},
		repeatedCredential(),
		{
			ID: "management/delete-lost", Spec: "CTAP 2.3 §6.8.5 steps 8 and 9",
			Doc:   "Deleting a passkey succeeds and deletes nothing.",
			Seams: skipping(at("6.8.5", "8 and 9")),
		},
		deletesAll(), hidesOthers(),
		{
			ID: "management/payment-untold", Spec: "CTAP 2.3 §6.8.4, §12.9",
			Doc:   "Of no passkey it is told that it may pay at other sites.",
			Seams: onManagement(func(r *ctap.CredentialManagementResponse) { r.ThirdPartyPayment = nil }),
		},
		{
			ID: "management/delete-unknown-succeeds", Spec: "CTAP 2.3 §6.8.5 step 7",
			Doc: "Deleting a passkey that is not there succeeds.",
			Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
				r, is := req.(*ctap.CredentialManagementRequest)
				if is && r.SubCommand == ctap.DeleteCredential && ctap.StatusOf(err) == ctap.NoCredentials {
					return new(ctap.Empty), nil
				}
				return resp, err
			}},
		}, {
			ID: "management/update-lost", Spec: "CTAP 2.3 §6.8.6 step 9",
			Doc:   "Renaming the user of a passkey succeeds and changes nothing.",
			Seams: skipping(at("6.8.6", "9")),
		}, {
			ID: "management/update-other-user", Spec: "CTAP 2.3 §6.8.6 step 8",
			Doc:   "The user of a passkey can be given another handle.",
			Seams: unchecked(at("6.8.6", "8")),
		}, {
			ID: "management/update-keeps-names", Spec: "CTAP 2.3 §6.8.6 step 9",
			Doc:   "Renaming the user of a passkey keeps the names that the request leaves out.",
			Seams: keptDisplayNames(),
		}, {
			ID: "management/empty-is-no-credentials", Spec: "CTAP 2.3 §6.8.3 step 7",
			Doc: "That there are no passkeys is an error when they are counted, too.",
			Seams: authenticator.Seams{Result: func(req ctap.Request, resp any, err error) (any, error) {
				if r, is := resp.(*ctap.CredentialManagementResponse); is && err == nil && r.ExistingResidentCredentialsCount != nil && *r.ExistingResidentCredentialsCount == 0 {
					return nil, ctap.Errorf(ctap.NoCredentials, "the fault says so")
				}
				return resp, err
			}},
		},
	}
}

// keptDisplayNames remembers what was kept before.
func keptDisplayNames() authenticator.Seams {
	names := map[string]string{}
	return keepingCredentials(func(c *authenticator.Credential) {
		if c.User.DisplayName == "" {
			c.User.DisplayName = names[string(c.ID)]
		}
		names[string(c.ID)] = c.User.DisplayName
	})
}

// hidesOthers finds one passkey where there are more, once one was deleted.
func hidesOthers() Fault {
	deleted := false
	return Fault{
		ID: "management/delete-hides-others", Spec: "CTAP 2.3 §6.8.5 step 9",
		Doc: "Once a passkey was deleted, of several at a relying party only the newest is found.",
		Seams: authenticator.Seams{
			Keep: func(c authenticator.Change) authenticator.Change {
				deleted = deleted || len(c.Delete) > 0 && len(c.Put) == 0
				return c
			},
			Found: func(_ string, found []*authenticator.Credential) []*authenticator.Credential {
				if deleted && len(found) > 1 {
					return found[len(found)-1:]
				}
				return found
			},
		},
	}
}

// repeatedCredential lists the first passkey in place of all.
func repeatedCredential() Fault {
	var first *ctap.CredentialManagementResponse
	return Fault{
		ID: "management/same-again", Spec: "CTAP 2.3 §6.8.4",
		Doc: "The list of passkeys is the first one again and again.",
		Seams: onManagement(func(r *ctap.CredentialManagementResponse) {
			switch {
			case r.CredentialID == nil:
			case r.TotalCredentials != nil || first == nil:
				first = r
			default:
				*r = *first
				r.TotalCredentials = nil
			}
		}),
	}
}

// deletesAll notes which passkeys there are.
func deletesAll() Fault {
	kept := map[string][]byte{}
	return Fault{
		ID: "management/deletes-all", Spec: "CTAP 2.3 §6.8.5 steps 8 and 9",
		Doc: "Deleting one passkey deletes all.",
		Seams: authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
			if len(c.Delete) > 0 && len(c.Put) == 0 {
				for _, id := range kept {
					c.Delete = append(c.Delete[:len(c.Delete):len(c.Delete)], id)
				}
			}
			for _, put := range c.Put {
				kept[string(put.ID)] = put.ID
			}
			return c
		}},
	}
}
