package authenticators

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// Members of credentialManagement (§6.8).
const (
	cmSubCommand = iota + 1
	cmParams
	cmProtocol
	cmParam
)

const (
	cmRPIDHash = iota + 1
	cmCredentialID
	cmUser
)

const (
	managedExisting = iota + 1
	managedRemaining
	managedRP
	managedRPIDHash
	managedTotalRPs
	managedUser
	managedCredentialID
	managedPublicKey
	managedTotal
	managedCredProtect
	managedLargeBlobKey
	managedThirdParty
)

// manage is a request of credentialManagement, authorised by a token where the
// subcommand wants that.
func (k *key) manage(t token, sub ctap.SubCommand, params cbor.Map) request {
	r := request{command: ctap.CommandCredentialManagement, params: cbor.Map{{Key: cmSubCommand, Value: int64(sub)}}}
	message := []byte{byte(sub)}
	if params != nil {
		r = r.with(cmParams, params)
		message = append(message, cbor.Encode(params)...)
	}
	if sub == ctap.EnumerateRPsGetNextRP || sub == ctap.EnumerateCredentialsGetNextCredential {
		return r
	}
	return r.with(cmProtocol, t.protocol).with(cmParam, t.over(message))
}

// manager is a token for credentialManagement.
func (k *key) manager() token {
	return k.token(k.protocol(), ctap.PermissionCredentialManagement, "")
}

func hashParams(rpID string) cbor.Map {
	sum := sha256.Sum256([]byte(rpID))
	return cbor.Map{{Key: cmRPIDHash, Value: sum[:]}}
}

func credentialParams(c *credential) cbor.Map {
	return cbor.Map{{Key: cmCredentialID, Value: c.descriptor()}}
}

func userParams(c *credential, user cbor.Map) cbor.Map {
	return cbor.Map{{Key: cmCredentialID, Value: c.descriptor()}, {Key: cmUser, Value: user}}
}

// credentialManagementCases are those of authenticatorCredentialManagement (§6.8).
func credentialManagementCases() []testCase {
	all := append(credMgmtReads(), credMgmtWrites()...)
	return append(all, credMgmtAuthorisation()...)
}

func cmNeeds(more ...need) []need { return append([]need{credMgmt, anyToken, residentKeys}, more...) }

// credMgmtReads are about what is told.
func credMgmtReads() []testCase {
	const metadata, rps, creds = "credentialmanagement/metadata/plain", "credentialmanagement/rps/plain", "credentialmanagement/credentials/plain"
	return []testCase{
		{
			ID: metadata, Spec: at("6.8.2", ""), Level: conformance.Must, Needs: cmNeeds(),
			Doc: "getCredsMetadata tells 0 credentials of a fresh device, and counts those that are discoverable.",
			Run: on(func(k *key) {
				count := func() uint64 {
					a := k.send(k.manage(k.manager(), ctap.GetCredsMetadata, nil))
					k.expectOK(a)
					k.canonical(a)
					k.uintOf(a, managedRemaining)
					return k.uintOf(a, managedExisting)
				}
				if n := count(); n != 0 {
					k.Errorf("a fresh device has %d credentials", n)
				}
				k.make(discoverable(k.newCredential()))
				k.make(discoverable(k.newCredential()))
				if n := count(); n != 2 {
					k.Differ("2", fmt.Sprint(n), "another number of credentials")
				}
				k.make(k.newCredential())
				if n := count(); n != 2 && !k.info().option(ctap.OptionPlat) {
					k.Differ("2", fmt.Sprint(n), "a credential is counted that is not discoverable")
				}
			}),
		},
		{
			ID: rps, Spec: at("6.8.3", ""), Level: conformance.Must, Needs: cmNeeds(),
			Doc: "The relying parties of all discoverable credentials are told, each once, with ID and hash.",
			Run: on(func(k *key) {
				want := map[string]bool{}
				for i := range 3 {
					id := fmt.Sprintf("rp%d.%s", i, k.rp)
					want[id] = true
					k.make(discoverable(k.newCredential().with(mcRP, cbor.Map{{Key: "id", Value: id}, {Key: "name", Value: "x"}})))
				}
				k.make(discoverable(k.newCredential().with(mcRP, cbor.Map{{Key: "id", Value: "rp0." + k.rp}})))
				t := k.manager()
				a := k.send(k.manage(t, ctap.EnumerateRPsBegin, nil))
				k.expectOK(a)
				if n := k.uintOf(a, managedTotalRPs); n != 3 {
					k.Differ("3", fmt.Sprint(n), "another number of relying parties")
				}
				for i := range 3 {
					if i > 0 {
						a = k.send(k.manage(t, ctap.EnumerateRPsGetNextRP, nil))
						k.expectOK(a)
						k.absent(a, managedTotalRPs, "which is not the first of its sequence")
					}
					k.canonical(a)
					id, _ := k.mapOf(a, managedRP).Get("id")
					name, _ := id.(string)
					sum := sha256.Sum256([]byte(name))
					if !want[name] || !bytes.Equal(k.bytesOf(a, managedRPIDHash), sum[:]) {
						k.Differ("one of the three, once, with its hash", cbor.Text(a.members, nil), "another relying party")
					}
					delete(want, name)
				}
				k.expect(k.send(k.manage(t, ctap.EnumerateRPsGetNextRP, nil)), ctap.NotAllowed, ctap.NoCredentials)
			}),
		},
		{
			ID: "credentialmanagement/rps/none", Spec: at("6.8.3", "7"), Level: conformance.Must, Needs: cmNeeds(), Twin: rps,
			Doc:     "Where there is no discoverable credential the answer is NO_CREDENTIALS.",
			Catches: []string{"quirk/empty-enumeration-succeeds"},
			Run: on(func(k *key) {
				k.expect(k.send(k.manage(k.manager(), ctap.EnumerateRPsBegin, nil)), ctap.NoCredentials)
			}),
		},
		{
			ID: creds, Spec: at("6.8.4", ""), Level: conformance.Must, Needs: cmNeeds(),
			Doc: "The discoverable credentials of one relying party are told, with user, ID, public key and credProtect.",
			Run: on(func(k *key) {
				made := k.makeSeveral(3)
				k.make(discoverable(k.newCredential().with(mcRP, rpEntity("other-"+k.rp))))
				t := k.manager()
				a := k.send(k.manage(t, ctap.EnumerateCredentialsBegin, hashParams(k.rp)))
				k.expectOK(a)
				if n := k.uintOf(a, managedTotal); n != 3 {
					k.Differ("3", fmt.Sprint(n), "another number of credentials")
				}
				seen := map[string]bool{}
				for i := range 3 {
					if i > 0 {
						a = k.send(k.manage(t, ctap.EnumerateCredentialsGetNextCredential, nil))
						k.expectOK(a)
						k.absent(a, managedTotal, "which is not the first of its sequence")
					}
					k.canonical(a)
					seen[k.managed(a, made)] = true
				}
				if len(seen) != 3 {
					k.Errorf("%d different credentials were told, of 3", len(seen))
				}
				k.expect(k.send(k.manage(t, ctap.EnumerateCredentialsGetNextCredential, nil)), ctap.NotAllowed, ctap.NoCredentials)
			}),
		},
		{
			ID: "credentialmanagement/credentials/none", Spec: at("6.8.4", "7"), Level: conformance.Must, Needs: cmNeeds(), Twin: creds,
			Doc: "Where the relying party has no discoverable credential the answer is NO_CREDENTIALS.",
			Run: on(func(k *key) {
				k.make(discoverable(k.newCredential()))
				k.expect(k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, hashParams("other-"+k.rp))), ctap.NoCredentials)
			}),
		},
		{
			ID: "credentialmanagement/rps/next-without-begin", Spec: at("6.8.3", ""), Level: conformance.Must, Needs: cmNeeds(), Twin: rps,
			Doc: "enumerateRPsGetNextRP without a beginning is answered with NOT_ALLOWED.",
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.expect(k.send(k.manage(token{}, ctap.EnumerateRPsGetNextRP, nil)), ctap.NotAllowed)
			}),
		},
		{
			ID: "credentialmanagement/credentials/next-without-begin", Spec: at("6.8.4", ""), Level: conformance.Must, Needs: cmNeeds(), Twin: creds,
			Doc: "enumerateCredentialsGetNextCredential without a beginning is answered with NOT_ALLOWED.",
			Run: on(func(k *key) {
				k.makeSeveral(2)
				k.expect(k.send(k.manage(token{}, ctap.EnumerateCredentialsGetNextCredential, nil)), ctap.NotAllowed)
			}),
		},
		{
			ID: "credentialmanagement/sequences-are-apart", Spec: at("6.8", ""), Level: conformance.Must, Needs: cmNeeds(), Twin: creds,
			Doc: "What one enumeration began the other does not go on with.",
			Run: on(func(k *key) {
				k.makeSeveral(2)
				t := k.manager()
				k.expectOK(k.send(k.manage(t, ctap.EnumerateCredentialsBegin, hashParams(k.rp))))
				k.expect(k.send(k.manage(t, ctap.EnumerateRPsGetNextRP, nil)), ctap.NotAllowed)
				k.expectOK(k.send(k.manage(t, ctap.EnumerateCredentialsBegin, hashParams(k.rp))))
				k.expect(k.send(nextAssertion()), ctap.NotAllowed)
			}),
		},
		{
			ID: "credentialmanagement/payment-told", Spec: at("6.8.4", ""), Level: conformance.Should, Needs: cmNeeds(extension(ctap.ExtensionThirdPartyPayment)),
			Doc:     "Of a credential that may pay at other sites it is told that it may.",
			Catches: []string{"management/payment-untold"},
			Run: on(func(k *key) {
				k.make(extending(discoverable(k.newCredential()), ctap.ExtensionThirdPartyPayment, true))
				a := k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, hashParams(k.rp)))
				k.expectOK(a)
				if told := k.member(a, managedThirdParty); told != any(true) {
					k.Differ("true", cbor.Text(told, nil), "thirdPartyPayment is another value")
				}
			}),
		},
		{
			ID: "credentialmanagement/cred-protect-told", Spec: at("6.8.4", ""), Level: conformance.Must, Needs: cmNeeds(extension(ctap.ExtensionCredProtect)),
			Doc:     "The level of credProtect is told of each credential.",
			Catches: []string{"credprotect/level-not-kept", "credprotect/managed-level"},
			Run: on(func(k *key) {
				for level := uint64(1); level <= 3; level++ {
					rp := fmt.Sprintf("level%d.%s", level, k.rp)
					r := discoverable(k.newCredential().with(mcRP, rpEntity(rp)))
					k.make(extending(r, ctap.ExtensionCredProtect, level))
					a := k.send(k.manage(k.manager(), ctap.EnumerateCredentialsBegin, hashParams(rp)))
					k.expectOK(a)
					if got := k.uintOf(a, managedCredProtect); got != max(level, uint64(k.level())) {
						k.Differ(fmt.Sprint(level), fmt.Sprint(got), "another level")
					}
				}
			}),
		},
	}
}

// managed finds which of the credentials made is told, and compares the rest.
func (k *key) managed(a answer, made []*credential) (id string) {
	named, _ := k.mapOf(a, managedCredentialID).Get("id")
	user, _ := k.mapOf(a, managedUser).Get("id")
	public := k.mapOf(a, managedPublicKey)
	for _, c := range made {
		if !cbor.Same(named, c.id) {
			continue
		}
		if !cbor.Same(user, c.user) || !cbor.Same(public, c.data.publicKey.Value) {
			k.Differ(fmt.Sprintf("user %x, key %s", c.user, cbor.Text(c.data.publicKey.Value, nil)), cbor.Text(a.members, nil), "another user or key")
		}
		return string(c.id)
	}
	k.Errorf("credential %s was not made here", cbor.Text(named, nil))
	return ""
}
