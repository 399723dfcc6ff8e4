package conformanceapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// responseJSON makes a result of the interface into the JSON of WebAuthn L3 §5.1: there
// is a rawId in that. The member "getClientExtensionResults", which that does not have,
// is let by like any other; so is what cannot be read, which is for who reads the JSON
// to refuse.
func responseJSON(body []byte) []byte {
	var in struct {
		ID    json.RawMessage `json:"id"`
		RawID json.RawMessage `json:"rawId"`
	}
	if decode(body, &in) != nil || in.RawID != nil || in.ID == nil {
		return body
	}
	_, members, _ := bytes.Cut(body, []byte{'{'})
	return slices.Concat([]byte(`{"rawId":`), in.ID, []byte{','}, members)
}

// statuses are those of TokenBindingStatus (WebAuthn L2 §5.8.1), and the one that drafts
// of Level 1 had for none.
var statuses = []string{"present", "supported", "not-supported"}

// checkTokenBinding looks at the member that Level 3 has no more, of a result that could
// be read.
func (s *Server) checkTokenBinding(at ceremony.Step, body []byte) error {
	if !s.config.TokenBinding {
		return nil
	}
	return s.ceremonies.Besides(at, func() error { return tokenBinding(body) })
}

func tokenBinding(body []byte) error {
	var in struct {
		Response struct {
			ClientDataJSON string `json:"clientDataJSON"`
		} `json:"response"`
	}
	_ = json.Unmarshal(body, &in)
	data, err := base64.RawURLEncoding.DecodeString(in.Response.ClientDataJSON)
	if err != nil {
		return nil
	}
	var client struct {
		TokenBinding json.RawMessage `json:"tokenBinding"`
	}
	if json.Unmarshal(data, &client) != nil || client.TokenBinding == nil {
		return nil
	}
	var binding struct {
		Status string `json:"status"`
		ID     string `json:"id"`
	}
	if client.TokenBinding[0] != '{' || json.Unmarshal(client.TokenBinding, &binding) != nil {
		return wrong("tokenBinding is no TokenBinding")
	}
	if !slices.Contains(statuses, binding.Status) {
		return wrong("tokenBinding.status is not known")
	}
	if binding.Status == "present" && binding.ID == "" {
		return wrong("tokenBinding.id is missing")
	}
	return nil
}
