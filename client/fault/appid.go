package fault

import (
	"bytes"
	"encoding/json"

	"github.com/passkeylab/passkeylab/webauthn"
)

const (
	appID        = "appid"
	appIDExclude = "appidExclude"
)

// foreign reports whether an AppID is not of the site that all cases are about, or not
// of https.
func foreign(input json.RawMessage) bool {
	return !bytes.Contains(input, []byte("example.com")) || !bytes.HasPrefix(input, []byte(`"https:`))
}

func appIDFaults() []Fault {
	const spec, specExclude = "WebAuthn L3 §10.1.1", "WebAuthn L3 §10.1.2"
	told := func(change func(outputs map[string]json.RawMessage)) func(*webauthn.AuthenticationResponse) {
		return func(r *webauthn.AuthenticationResponse) { change(r.ClientExtensionResults) }
	}
	return []Fault{
		{ID: "extension/any-appid", Spec: spec, Doc: "Any page may name any AppID.", Request: func(o *webauthn.RequestOptions) error {
			if foreign(o.Extensions[appID]) {
				delete(o.Extensions, appID)
			}
			return nil
		}, Creation: func(o *webauthn.CreationOptions) error {
			if foreign(o.Extensions[appIDExclude]) {
				delete(o.Extensions, appIDExclude)
			}
			return nil
		}},
		{ID: "extension/appid-ignored", Spec: spec, Doc: "appid is not looked at.", Request: func(o *webauthn.RequestOptions) error {
			delete(o.Extensions, appID)
			return nil
		}},
		{ID: "extension/appid-untold", Spec: spec, Doc: "A page does not learn whether its AppID was used.", Asserted: told(func(all map[string]json.RawMessage) { delete(all, appID) })},
		{ID: "extension/appid-always-told", Spec: spec, Doc: "A page learns always that its AppID was used.", Asserted: told(func(all map[string]json.RawMessage) {
			if all[appID] != nil {
				all[appID] = json.RawMessage("true")
			}
		})},
		{ID: "extension/appid-exclude-ignored", Spec: specExclude, Doc: "appidExclude is not looked at.", Creation: func(o *webauthn.CreationOptions) error {
			delete(o.Extensions, appIDExclude)
			return nil
		}},
		{ID: "extension/appid-exclude-any", Spec: specExclude, Doc: "A page that names an AppID gets no credential where it excludes one.", Creation: func(o *webauthn.CreationOptions) error {
			if o.Extensions[appIDExclude] != nil && len(o.ExcludeCredentials) > 0 {
				return refuse("excluded")
			}
			return nil
		}},
		{ID: "extension/appid-exclude-untold", Spec: specExclude, Doc: "A page does not learn that its AppID was looked at.", Created: func(r *webauthn.RegistrationResponse) {
			delete(r.ClientExtensionResults, appIDExclude)
		}},
	}
}
