package fault

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// toExclude is where makeCredential looks for credentials.
var toExclude = at("6.1.2", "12")

// unprotecting has credentials of a level count as unprotected while some steps run.
func unprotecting(level ctap.CredProtect, where ...authenticator.Step) authenticator.Seams {
	var running bool
	return authenticator.Seams{
		Steps: within(&running, where...),
		Found: func(_ string, found []*authenticator.Credential) []*authenticator.Credential {
			if !running {
				return found
			}
			return altered(found, func(c *authenticator.Credential) {
				if c.Extras != nil && c.Extras.CredProtect == level {
					c.Extras.CredProtect = ctap.UserVerificationOptional
				}
			})
		},
	}
}

func credProtectFaults() []Fault {
	const level2, level3 = ctap.UserVerificationOptionalWithCredentialIDList, ctap.UserVerificationRequired
	return []Fault{
		{
			ID: "credprotect/level-2-discovered", Spec: "CTAP 2.3 §6.2.2 step 7.5, §12.1",
			Doc:   "Passkeys of level 2 are discovered without a list also by somebody who was not verified.",
			Seams: unprotecting(level2, toAssert),
		}, {
			ID: "credprotect/level-3-used", Spec: "CTAP 2.3 §6.2.2 step 7.4, §12.1",
			Doc:   "Passkeys of level 3 sign for somebody who was not verified.",
			Seams: unprotecting(level3, toAssert),
		}, {
			ID: "credprotect/level-3-excluded", Spec: "CTAP 2.3 §6.1.2 step 12.2, §12.1",
			Doc:   "The exclude list reveals passkeys of level 3 to somebody who was not verified.",
			Seams: unprotecting(level3, toExclude),
		}, {
			ID: "credprotect/level-2-unlisted", Spec: "CTAP 2.3 §6.2.2 step 7.4, §12.1",
			Doc:   "Credentials of level 2 are not found without verification even where their ID is listed.",
			Seams: strengthening(level2, level3, toAssert),
		}, {
			ID: "credprotect/level-2-not-excluded", Spec: "CTAP 2.3 §6.1.2 step 12.1, §12.1",
			Doc:   "The exclude list passes over credentials of level 2 where nobody was verified.",
			Seams: strengthening(level2, level3, toExclude),
		},
		hiddenInSilence(),
		{
			ID: "credprotect/level-not-kept", Spec: "CTAP 2.3 §12.1",
			Doc: "The level of a new credential is told as it was asked for, and kept as 1.",
			Seams: keepingCredentials(func(c *authenticator.Credential) {
				if c.Extras != nil {
					c.Extras.CredProtect = 0
				}
			}),
		}, {
			ID: "credprotect/output-lower", Spec: "CTAP 2.3 §12.1",
			Doc:   "The level of a new credential is told as 1, whatever it is.",
			Seams: withOutput(ctap.ExtensionCredProtect, canon.AppendUint(nil, uint64(ctap.UserVerificationOptional))),
		}, {
			ID: "credprotect/output-missing", Spec: "CTAP 2.3 §12.1",
			Doc:   "The level of a new credential is kept and not told.",
			Seams: withOutput(ctap.ExtensionCredProtect, nil),
		}, {
			ID: "credprotect/forced", Spec: "CTAP 2.3 §12.1",
			Doc: "Every passkey is of level 3, whatever was asked for, and says nothing of it.",
			Seams: keepingCredentials(func(c *authenticator.Credential) {
				extras := authenticator.Extras{}
				if c.Extras != nil {
					extras = *c.Extras
				}
				extras.CredProtect = level3
				c.Extras = &extras
			}),
		}, {
			ID: "credprotect/managed-level", Spec: "CTAP 2.3 §6.8.4",
			Doc: "Credential management tells level 1 of every passkey.",
			Seams: onManagement(func(r *ctap.CredentialManagementResponse) {
				if r.CredProtect > 0 {
					r.CredProtect = uint64(ctap.UserVerificationOptional)
				}
			}),
		},
	}
}

// hiddenInSilence heeds option up where the level alone counts.
func hiddenInSilence() Fault {
	silent := false
	seams := strengthening(ctap.UserVerificationOptionalWithCredentialIDList, ctap.UserVerificationRequired, toAssert)
	hidden := seams.Found
	seams.Found = func(rpID string, found []*authenticator.Credential) []*authenticator.Credential {
		if !silent {
			return found
		}
		return hidden(rpID, found)
	}
	seams.Request = func(req ctap.Request) ctap.Request {
		r, is := req.(*ctap.GetAssertionRequest)
		silent = is && r.Options != nil && r.Options.UP != nil && !*r.Options.UP
		return req
	}
	return Fault{
		ID: "credprotect/level-2-silent", Spec: "CTAP 2.3 §6.2.2 step 7.5, §12.1",
		Doc:   "Credentials of level 2 are not found where option up is false, though their ID is listed.",
		Seams: seams,
	}
}

// strengthening is unprotecting the other way round.
func strengthening(from, to ctap.CredProtect, during authenticator.Step) authenticator.Seams {
	var running bool
	return authenticator.Seams{
		Steps: within(&running, during),
		Found: func(_ string, found []*authenticator.Credential) []*authenticator.Credential {
			if !running {
				return found
			}
			return altered(found, func(c *authenticator.Credential) {
				if c.Extras != nil && c.Extras.CredProtect == from {
					c.Extras.CredProtect = to
				}
			})
		},
	}
}

// withOutput gives the output of an extension another value, or leaves it out.
func withOutput(id string, value []byte) authenticator.Seams {
	return withOutputs(func(outputs canon.Raw) canon.Raw {
		pairs, ok := pairsOf(outputs)
		if !ok {
			return outputs
		}
		var kept []pair
		for _, p := range pairs {
			switch {
			case string(p.key) != string(canon.AppendText(nil, id)):
				kept = append(kept, p)
			case value != nil:
				kept = append(kept, pair{p.key, value})
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return mapOf(kept)
	})
}
