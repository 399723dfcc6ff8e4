package clients

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// refusal is a status that a command is refused with.
type refusal struct {
	status ctap.Status
	name   string
}

var refusals = []refusal{
	{ctap.InvalidCommand, "invalid-command"}, {ctap.InvalidParameter, "invalid-parameter"}, {ctap.InvalidLength, "invalid-length"},
	{ctap.Timeout, "timeout"}, {ctap.ChannelBusy, "channel-busy"}, {ctap.CBORUnexpectedType, "cbor-unexpected-type"},
	{ctap.InvalidCBOR, "invalid-cbor"}, {ctap.MissingParameter, "missing-parameter"}, {ctap.LimitExceeded, "limit-exceeded"},
	{ctap.CredentialExcluded, "credential-excluded"}, {ctap.Processing, "processing"}, {ctap.InvalidCredential, "invalid-credential"},
	{ctap.UserActionPending, "user-action-pending"}, {ctap.OperationPending, "operation-pending"}, {ctap.NoOperations, "no-operations"},
	{ctap.UnsupportedAlgorithm, "unsupported-algorithm"}, {ctap.OperationDenied, "operation-denied"}, {ctap.KeyStoreFull, "key-store-full"},
	{ctap.UnsupportedOption, "unsupported-option"}, {ctap.InvalidOption, "invalid-option"}, {ctap.KeepaliveCancel, "keepalive-cancel"},
	{ctap.NoCredentials, "no-credentials"}, {ctap.UserActionTimeout, "user-action-timeout"}, {ctap.NotAllowed, "not-allowed"},
	{ctap.PINInvalid, "pin-invalid"}, {ctap.PINBlocked, "pin-blocked"}, {ctap.PINAuthInvalid, "pin-auth-invalid"},
	{ctap.PINAuthBlocked, "pin-auth-blocked"}, {ctap.PINNotSet, "pin-not-set"}, {ctap.PUATRequired, "puat-required"},
	{ctap.PINPolicyViolation, "pin-policy-violation"}, {ctap.RequestTooLarge, "request-too-large"}, {ctap.ActionTimeout, "action-timeout"},
	{ctap.UPRequired, "up-required"}, {ctap.UVBlocked, "uv-blocked"}, {ctap.IntegrityFailure, "integrity-failure"},
	{ctap.InvalidSubcommand, "invalid-subcommand"}, {ctap.UVInvalid, "uv-invalid"}, {ctap.UnauthorizedPermission, "unauthorized-permission"},
	{ctap.Other, "other"}, {0x99, "unassigned"}, {0xE1, "extension"}, {0xF2, "vendor"}, {0xFF, "last"},
}

// refusals are derived: no status but success is one, whatever it says; and where a
// page asks, it learns no more than it may (WebAuthn L3 §14.5).
func (c ceremony) refusals() (all []testCase) {
	for _, s := range refusals {
		all = append(all, testCase{
			ID: c.name + "/status/" + s.name, Spec: at("8.2", ""), Level: conformance.Must, Twin: c.plain,
			Catches: []string{"status/never-looked-at"},
			Doc:     fmt.Sprintf("Status 0x%02x in answer to %s is no success.", byte(s.status), c.command),
			Run: on(func(t *trial) {
				t.refuse(c.command, s.status)
				t.refused(c.ask(t))
			}),
		})
	}
	return append(all, testCase{
		ID: c.name + "/error/denied", Spec: page(c.onPage), Level: conformance.Must, Needs: needs(ServesPages), Twin: c.plain,
		Doc:     "A page learns by NotAllowedError that the user has declined.",
		Catches: []string{"error/status-told"},
		Run: on(func(t *trial) {
			t.refuse(c.command, ctap.OperationDenied)
			t.refusedAs(c.ask(t), notAllowed...)
		}),
	})
}

func statusCases() []testCase { return statusNames }

// refuse has a command refused, always.
func (t *trial) refuse(command ctap.Command, status ctap.Status) {
	t.device.script.status = map[ctap.Command]func(int) ctap.Status{command: func(int) ctap.Status { return status }}
}

var statusNames = []testCase{
	{
		ID: "create/error/excluded", Spec: page("5.1.3"), Level: conformance.Must, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "A page learns by InvalidStateError that the user has a credential from excludeCredentials, once the user has agreed.",
		Catches: []string{"error/excluded-hidden", "create/exclude-list-left-out"},
		Run: on(func(t *trial) {
			t.refusedAs(t.creation(func(r *Request) { r.List = [][]byte{t.hold(false)} }), "InvalidStateError")
		}),
	},
	{
		ID: "get/error/no-credentials", Spec: page("14.5.2"), Level: conformance.Must, Needs: needs(ServesPages), Twin: getPlain,
		Doc:     "A page cannot tell a credential that is not there from a user who has declined.",
		Catches: []string{"error/status-told"},
		Run: on(func(t *trial) {
			r := t.request(false)
			r.List = t.strangers(1)
			t.refusedAs(r, notAllowed...)
		}),
	},
	{
		ID: "create/error/full", Spec: page("5.4.4"), Level: conformance.Should, Needs: needs(ServesPages), Twin: createPlain,
		Doc:     "Where there is no room for a discoverable credential that is preferred, another is made.",
		Catches: []string{"create/gives-up-when-full"},
		Run: on(func(t *trial) {
			t.device.script.status = map[ctap.Command]func(int) ctap.Status{
				ctap.CommandMakeCredential: func(n int) ctap.Status {
					if n == 1 {
						return ctap.KeyStoreFull
					}
					return ctap.OK
				},
			}
			t.accepted(t.creation(t.discoverable, func(r *Request) { r.ResidentKey = "preferred" }))
		}),
	},
	{
		ID: "create/error/not-again", Spec: at("8.2", ""), Level: conformance.Should, Twin: createPlain,
		Doc:     "A request that the user has declined is not sent again.",
		Catches: []string{"error/asks-again"},
		Run: on(func(t *trial) {
			t.refuse(ctap.CommandMakeCredential, ctap.OperationDenied)
			t.refused(t.creation())
			if n := len(t.sent(ctap.CommandMakeCredential)); n != 1 {
				t.Fatalf("makeCredential is sent %d times", n)
			}
		}),
	},
}

// notAllowed is what a page may learn; AbortError is what one gets that has lost
// patience with a client that waits for another authenticator.
var notAllowed = []string{"NotAllowedError", "AbortError"}
