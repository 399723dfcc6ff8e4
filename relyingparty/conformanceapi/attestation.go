package conformanceapi

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// creationRequest is ServerPublicKeyCredentialCreationOptionsRequest.
type creationRequest struct {
	Username    string          `json:"username"`
	DisplayName string          `json:"displayName"`
	Selection   json.RawMessage `json:"authenticatorSelection"`
	Attestation string          `json:"attestation"`
	Extensions  json.RawMessage `json:"extensions"`
}

// selection is what is read of authenticatorSelection; it is sent back as it came.
type selection struct {
	RequireResidentKey bool   `json:"requireResidentKey"`
	ResidentKey        string `json:"residentKey"`
	Attachment         string `json:"authenticatorAttachment"`
	UserVerification   string `json:"userVerification"`
}

// Values of the options' enumerations (WebAuthn L3 §5.4.5 to §5.4.7 and §5.8.6).
var (
	requirements = []string{"required", "preferred", "discouraged"}
	attachments  = []string{"", "platform", "cross-platform"}
	conveyances  = []string{"none", "indirect", "direct", "enterprise"}
)

const (
	maxName        = 256 // bytes
	preferred      = "preferred"
	noConveyance   = "none"
	emptySelection = `{"requireResidentKey":false,"userVerification":"preferred"}`
)

func (s *Server) attestationOptions(in *session, body []byte) (json.RawMessage, error) {
	var asked creationRequest
	if err := decode(body, &asked); err != nil {
		return nil, err
	}
	if err := checkName("username", asked.Username); err != nil {
		return nil, err
	}
	if err := checkName("displayName", asked.DisplayName); err != nil {
		return nil, err
	}
	rules, err := s.registrationRules(asked)
	if err != nil {
		return nil, err
	}
	u := s.users.find(asked.Username)
	if u.handle == nil {
		if u.handle, err = s.draw(); err != nil {
			return nil, err
		}
		u.handle = s.ceremonies.Handle(asked.Username, u.handle)
	}
	account := ceremony.Account{Handle: u.handle, Name: asked.Username, DisplayName: asked.DisplayName}
	options, begun, err := s.ceremonies.BeginRegistration(account, u.credentials, rules)
	if err != nil {
		return nil, err
	}
	r := &registration{Registration: begun, name: asked.Username, handle: u.handle}
	in.openRegistration(r)
	s.ceremonies.Begin(ceremony.Waiting{Door: relyingparty.DoorConformance, Session: in.token, Ceremony: ceremony.Create, What: r})
	return publicKey(options)
}

func (s *Server) registrationRules(asked creationRequest) (ceremony.RegistrationRules, error) {
	none := ceremony.RegistrationRules{}
	if absent(asked.Selection) {
		asked.Selection = json.RawMessage(emptySelection)
	}
	var wanted selection
	if err := decode(asked.Selection, &wanted); err != nil {
		return none, err
	}
	uv, attestation := orElse(wanted.UserVerification, preferred), orElse(asked.Attestation, noConveyance)
	switch {
	case !slices.Contains(requirements, uv):
		return none, wrong("authenticatorSelection.userVerification is not known")
	case wanted.ResidentKey != "" && !slices.Contains(requirements, wanted.ResidentKey):
		return none, wrong("authenticatorSelection.residentKey is not known")
	case !slices.Contains(attachments, wanted.Attachment):
		return none, wrong("authenticatorSelection.authenticatorAttachment is not known")
	case !slices.Contains(conveyances, attestation):
		return none, wrong("attestation is not known")
	}
	extensions, err := compactObject("extensions", asked.Extensions)
	if err != nil {
		return none, err
	}
	echoed, err := compactObject("authenticatorSelection", asked.Selection)
	if err != nil {
		return none, err
	}
	rules := ceremony.RegistrationRules{
		UserVerification: s.demanded(uv),
		Strictness:       s.config.Strictness,
		Attestation:      ceremony.Attestation(attestation),
		Lifetime:         challengeLifetime,
		Algorithms:       s.config.Algorithms,
		Selection:        echoed,
		Extensions:       extensions,
	}
	if attestation != noConveyance {
		rules.Models = s.config.Models
	}
	return rules, nil
}

func (s *Server) attestationResult(in *session, body []byte) (json.RawMessage, error) {
	asked, ok := in.takeRegistration()
	asked, ok = ceremony.Taken(s.ceremonies, ceremony.Waiting{
		Door: relyingparty.DoorConformance, Session: in.token, Ceremony: ceremony.Create,
	}, asked, ok)
	if !ok {
		return nil, wrong(nothingWaits)
	}
	response, err := s.ceremonies.ParseRegistration(responseJSON(body))
	if err != nil {
		return nil, err
	}
	if err := s.checkTokenBinding(ceremony.StepCreateTokenBinding, body); err != nil {
		return nil, err
	}
	credential, err := s.ceremonies.FinishRegistration(asked.Registration, response)
	if err != nil {
		return nil, err
	}
	if s.config.ZeroAAGUID && credential.Attestation == "fido-u2f" {
		if err := s.ceremonies.Besides(ceremony.StepU2FModel, func() error { return noModel(credential.AAGUID) }); err != nil {
			return nil, err
		}
	}
	return nil, s.users.add(asked.name, asked.handle, credential, func(look func() error) error {
		return s.ceremonies.Unregistered(ceremony.Owner{Handle: asked.handle, Credential: credential}, look)
	})
}

// demanded is the user verification that a response is held to where the options ask
// for uv.
func (s *Server) demanded(uv string) ceremony.UserVerification {
	if s.config.Verified {
		return ceremony.VerificationRequired
	}
	return ceremony.UserVerification(uv)
}

// noModel refuses an authenticator of U2F that names its model.
func noModel(aaguid []byte) error {
	if slices.Max(aaguid) > 0 {
		return wrong("an authenticator of U2F has no AAGUID")
	}
	return nil
}

func checkName(member, value string) error {
	if value == "" || len(value) > maxName {
		return wrong(member + " must be a text of 1 to 256 bytes")
	}
	return nil
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// absent reports a member that is missing or null.
func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// compactObject holds a member that is sent back to being an object; nil for none.
func compactObject(member string, raw json.RawMessage) (json.RawMessage, error) {
	if absent(raw) {
		return nil, nil
	}
	if raw[0] != '{' {
		return nil, wrong(member + " must be an object")
	}
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		return nil, wrong(member + ": " + err.Error())
	}
	return out.Bytes(), nil
}

// publicKey is the value of the one member of options.
func publicKey(options json.RawMessage) (json.RawMessage, error) {
	var in struct {
		PublicKey json.RawMessage `json:"publicKey"`
	}
	err := json.Unmarshal(options, &in)
	return in.PublicKey, err
}
