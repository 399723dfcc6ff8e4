package wire

import (
	"context"
	"encoding/json"
	"errors"

	"golang.org/x/net/html"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// signal is what the script of a page does that has something to tell authenticators:
// what the user is called, and which passkeys of theirs the site accepts. Whether
// anything comes of it no page learns.
func (t *Tab) signal(ctx context.Context) {
	meta := find(t.page, func(n *html.Node) bool {
		return isElement("meta")(n) && attribute(n, "name") == "passkey-signals"
	})
	told := []byte(attribute(meta, "content"))
	var accepted struct {
		IDs []string `json:"allAcceptedCredentialIds"`
	}
	if meta == nil || json.Unmarshal(told, &accepted) != nil {
		return
	}
	_ = t.credentials.SignalJSON(ctx, t.caller(), webauthn.SignalCurrentUserDetails, told)
	if accepted.IDs != nil {
		_ = t.credentials.SignalJSON(ctx, t.caller(), webauthn.SignalAllAcceptedCredentials, told)
	}
}

// signalUnknown tells authenticators of a passkey that the site does not know, where
// that is why it refused a response.
func (t *Tab) signalUnknown(ctx context.Context, refused error) {
	var why *refusal
	if errors.As(refused, &why) && len(why.Signal) > len("null") {
		_ = t.credentials.SignalJSON(ctx, t.caller(), webauthn.SignalUnknownCredential, why.Signal)
	}
}

// caller is the page as the client sees it.
func (t *Tab) caller() client.Caller { return client.Caller{Origin: t.origin()} }
