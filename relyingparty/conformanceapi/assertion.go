package conformanceapi

import (
	"encoding/json"
	"slices"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// requestRequest is ServerPublicKeyCredentialGetOptionsRequest.
type requestRequest struct {
	Username         string          `json:"username"`
	UserVerification string          `json:"userVerification"`
	Extensions       json.RawMessage `json:"extensions"`
}

func (s *Server) assertionOptions(in *session, body []byte) (json.RawMessage, error) {
	var asked requestRequest
	if err := decode(body, &asked); err != nil {
		return nil, err
	}
	if err := checkName("username", asked.Username); err != nil {
		return nil, err
	}
	uv := orElse(asked.UserVerification, preferred)
	if !slices.Contains(requirements, uv) {
		return nil, wrong("userVerification is not known")
	}
	extensions, err := compactObject("extensions", asked.Extensions)
	if err != nil {
		return nil, err
	}
	u := s.users.find(asked.Username)
	if len(u.credentials) == 0 {
		return nil, wrong("there is no user of this name")
	}
	rules := ceremony.LoginRules{
		UserVerification: s.demanded(uv),
		Shown:            ceremony.UserVerification(uv),
		Strictness:       s.config.Strictness,
		Lifetime:         challengeLifetime,
		Allow:            u.credentials,
		Account:          u.handle,
		Extensions:       extensions,
		WithoutPresence:  s.config.WithoutPresence && uv != "required",
	}
	if s.config.ModelsAtLogin {
		rules.Models = s.config.Models
	}
	if s.config.AnyPasskey {
		rules.Allow, rules.Account = nil, nil
	}
	options, begun, err := s.ceremonies.BeginLogin(rules)
	if err != nil {
		return nil, err
	}
	l := &login{begun}
	in.openLogin(l)
	s.ceremonies.Begin(ceremony.Waiting{Door: relyingparty.DoorConformance, Session: in.token, Ceremony: ceremony.Get, What: l})
	return publicKey(options)
}

func (s *Server) assertionResult(in *session, body []byte) (json.RawMessage, error) {
	asked, ok := in.takeLogin()
	asked, ok = ceremony.Taken(s.ceremonies, ceremony.Waiting{
		Door: relyingparty.DoorConformance, Session: in.token, Ceremony: ceremony.Get,
	}, asked, ok)
	if !ok {
		return nil, wrong(nothingWaits)
	}
	response, err := s.ceremonies.ParseLogin(responseJSON(body))
	if err != nil {
		return nil, err
	}
	if err := s.checkTokenBinding(ceremony.StepGetTokenBinding, body); err != nil {
		return nil, err
	}
	assertion, err := s.ceremonies.FinishLogin(asked.Login, response, s.config.Counter, s.users.owner)
	if err != nil {
		return nil, err
	}
	return nil, s.users.use(assertion, s.config.Counter == ceremony.CounterWarn)
}
