package clients

import (
	"github.com/passkeylab/passkeylab/conformance"
)

// appIDCases are about credentials from before WebAuthn, which are for a URL (WebAuthn
// L3 §10.1.1, §10.1.2).
func appIDCases() []testCase { return appIDs }

const (
	appID         = "https://www.example.com/u2f/app-id.json"
	appIDUsed     = "extension/appid/used"
	appIDExcluded = "extension/appid-exclude/not-held"
)

// oldKey lets the device hold a key handle that U2F has made for an AppID.
func (t *trial) oldKey(id string) []byte {
	t.device.giveU2F(true)
	handle := []byte("a key handle from another time")
	t.device.holdU2F(handle, id)
	return handle
}

// signIn asks for an assertion of an old key handle.
func (t *trial) signIn(heldFor, named string) *Request {
	r := t.request(false)
	r.List = [][]byte{t.oldKey(heldFor)}
	r.Extensions = map[string]any{"appid": named}
	return r
}

// signUp asks for a credential unless one of these is held, for the AppID or the RP ID.
func (t *trial) signUp(excluded [][]byte) *Request {
	t.device.giveU2F(true)
	return t.creation(func(r *Request) { r.List, r.Extensions = excluded, map[string]any{"appidExclude": appID} })
}

var appIDs = []testCase{
	{
		ID: "extension/appid/other-site", Spec: page("10.1.1"), Level: conformance.Must, Needs: needs(HasAppID), Twin: getPlain,
		Doc:     "A page may not name the AppID of another site.",
		Catches: []string{"extension/any-appid"},
		Run: on(func(t *trial) {
			t.refused(t.assertion(with(map[string]any{"appid": "https://example.org/app"})))
		}),
	},
	{
		ID: appIDUsed, Spec: page("10.1.1"), Level: conformance.Must, Needs: needs(HasAppID, SpeaksU2F, OverHID), Twin: u2fAuthenticate,
		Doc:     "A key handle that was made for the AppID signs for it, and the page learns that the AppID was used.",
		Catches: []string{"extension/appid-ignored", "extension/appid-untold"},
		Run: on(func(t *trial) {
			got := t.accepted(t.signIn(appID, appID))
			all := t.commands(insAuthenticate)
			t.same("the application", hashOf(appID), all[len(all)-1].data[32:64])
			if used, _ := got.Extensions["appid"].(bool); !used {
				t.Fatalf("appid is %v", got.Extensions["appid"])
			}
		}),
	},
	{
		ID: "extension/appid/not-used", Spec: page("10.1.1"), Level: conformance.Must, Needs: needs(HasAppID, SpeaksU2F, OverHID), Twin: u2fAuthenticate,
		Doc:     "A key handle that was made for the RP ID signs for that, and the page learns that the AppID was not used.",
		Catches: []string{"extension/appid-always-told"},
		Run: on(func(t *trial) {
			got := t.accepted(t.signIn(site, appID))
			all := t.commands(insAuthenticate)
			t.same("the application", hashOf(site), all[len(all)-1].data[32:64])
			if used, told := got.Extensions["appid"].(bool); !told || used {
				t.Fatalf("appid is %v", got.Extensions["appid"])
			}
		}),
	},
	{
		ID: "extension/appid/plain-http", Spec: page("10.1.1"), Level: conformance.Must, Needs: needs(HasAppID), Twin: getPlain,
		Doc:     "A page may not name an AppID that is not of https.",
		Catches: []string{"extension/any-appid"},
		Run: on(func(t *trial) {
			t.refused(t.assertion(with(map[string]any{"appid": "http://www.example.com/app"})))
		}),
	},
	{
		ID: "extension/appid/beside-ctap2", Spec: page("10.1.1"), Level: conformance.Must, Needs: needs(HasAppID, SpeaksU2F, OverHID), Twin: appIDUsed,
		Doc:     "A key handle that was made for the AppID signs for it on an authenticator that speaks CTAP2, too.",
		Catches: []string{"extension/appid-ignored"},
		Run: on(func(t *trial) {
			r := t.signIn(appID, appID)
			t.device.giveU2F(false)
			got := t.accepted(r)
			if len(got.AuthData) < 32 {
				t.Fatalf("authenticator data of %d bytes", len(got.AuthData))
			}
			t.same("the RP ID hash", hashOf(appID), got.AuthData[:32])
		}),
	},
	{
		ID: "extension/appid-exclude/other-site", Spec: page("10.1.2"), Level: conformance.Must, Needs: needs(HasAppIDExcl, ServesPages), Twin: createPlain,
		Doc:     "A page may not name the AppID of another site in create(), and no authenticator is asked.",
		Catches: []string{"extension/any-appid"},
		Run: on(func(t *trial) {
			t.refusedAs(t.creation(with(map[string]any{"appidExclude": "https://example.org/app"})), "SecurityError")
			t.nothingAsked()
		}),
	},
	{
		ID: appIDExcluded, Spec: page("10.1.2"), Level: conformance.Must, Needs: needs(HasAppIDExcl, SpeaksU2F, OverHID), Twin: u2fRegister,
		Doc:     "An authenticator that holds none of the excluded credentials makes one where the page names an AppID.",
		Catches: []string{"extension/appid-exclude-any"},
		Run:     on(func(t *trial) { t.accepted(t.signUp(t.strangers(1))) }),
	},
	{
		ID: "extension/appid-exclude/told", Spec: page("10.1.2"), Level: conformance.Should, Needs: needs(HasAppIDExcl, SpeaksU2F, OverHID), Twin: appIDExcluded,
		Doc:     "The page is told that its AppID was looked at.",
		Catches: []string{"extension/appid-exclude-untold"},
		Run: on(func(t *trial) {
			got := t.accepted(t.signUp(t.strangers(1)))
			if told, _ := got.Extensions["appidExclude"].(bool); !told {
				t.Fatalf("appidExclude is %v", got.Extensions["appidExclude"])
			}
		}),
	},
	{
		ID: "extension/appid-exclude/held", Spec: page("10.1.2"), Level: conformance.Must, Needs: needs(HasAppIDExcl, ServesPages, SpeaksU2F, OverHID), Twin: appIDExcluded,
		Doc:     "An authenticator that holds an excluded credential for the AppID makes no other, and the page learns so by InvalidStateError.",
		Catches: []string{"extension/appid-exclude-ignored"},
		Run: on(func(t *trial) {
			t.refusedAs(t.signUp([][]byte{t.oldKey(appID)}), "InvalidStateError")
		}),
	},
	{
		ID: "extension/appid-exclude/touched", Spec: page("14.5.1"), Level: conformance.Should, Needs: needs(HasAppIDExcl, ServesPages, SpeaksU2F, OverHID), Twin: appIDExcluded,
		Doc:     "A page learns that a credential is held for its AppID once the user has touched the authenticator, and not before.",
		Catches: []string{"u2f/untouched"},
		Run: on(func(t *trial) {
			t.refused(t.signUp([][]byte{t.oldKey(appID)}))
			t.touched()
		}),
	},
}
