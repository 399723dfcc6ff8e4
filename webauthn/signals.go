package webauthn

import (
	"encoding/json"
	"fmt"
)

// Signal is what a page tells authenticators about credentials by one of the signal
// methods (§5.1.10). Its members are those of the method's options in JSON.
type Signal interface {
	// Method is the name of the method, such as "signalUnknownCredential".
	Method() string
	// RelyingParty is the RP ID that the signal is about.
	RelyingParty() string
}

// Names of the signal methods, which are also keys of client capabilities (§5.8.8).
const (
	SignalUnknownCredential      = "signalUnknownCredential"
	SignalAllAcceptedCredentials = "signalAllAcceptedCredentials"
	SignalCurrentUserDetails     = "signalCurrentUserDetails"
)

// UnknownCredential says that the relying party knows no credential of this ID
// (§5.1.10.2).
type UnknownCredential struct {
	RPID         string    `json:"rpId"`
	CredentialID Base64URL `json:"credentialId"`
}

// AllAcceptedCredentials is the complete list of credentials that the relying party
// accepts of a user (§5.1.10.3). What it lacks is removed or hidden.
type AllAcceptedCredentials struct {
	RPID          string      `json:"rpId"`
	UserID        Base64URL   `json:"userId"` // the user handle
	CredentialIDs []Base64URL `json:"allAcceptedCredentialIds"`
}

// CurrentUserDetails is what a user is called now (§5.1.10.4).
type CurrentUserDetails struct {
	RPID        string    `json:"rpId"`
	UserID      Base64URL `json:"userId"` // the user handle
	Name        string    `json:"name"`
	DisplayName string    `json:"displayName"`
}

// Method implements Signal.
func (*UnknownCredential) Method() string { return SignalUnknownCredential }

// RelyingParty implements Signal.
func (s *UnknownCredential) RelyingParty() string { return s.RPID }

// Method implements Signal.
func (*AllAcceptedCredentials) Method() string { return SignalAllAcceptedCredentials }

// RelyingParty implements Signal.
func (s *AllAcceptedCredentials) RelyingParty() string { return s.RPID }

// Method implements Signal.
func (*CurrentUserDetails) Method() string { return SignalCurrentUserDetails }

// RelyingParty implements Signal.
func (s *CurrentUserDetails) RelyingParty() string { return s.RPID }

// ParseSignal reads the options of a signal method. All members are required, as the
// dictionaries have it; members that it does not know are ignored.
func ParseSignal(method string, options []byte) (Signal, error) {
	var into Signal
	var required []string
	switch method {
	case SignalUnknownCredential:
		into, required = new(UnknownCredential), []string{"rpId", "credentialId"}
	case SignalAllAcceptedCredentials:
		into, required = new(AllAcceptedCredentials), []string{"rpId", "userId", "allAcceptedCredentialIds"}
	case SignalCurrentUserDetails:
		into, required = new(CurrentUserDetails), []string{"rpId", "userId", "name", "displayName"}
	default:
		return nil, fmt.Errorf("%.40q is no signal method", method)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(options, &members); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	for _, name := range required {
		if value, ok := members[name]; !ok || string(value) == "null" {
			return nil, fmt.Errorf("%s: member %q is missing", method, name)
		}
	}
	if err := json.Unmarshal(options, into); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return into, nil
}
