package profile

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// optionPrefix is how a [Difference] names one option.
const optionPrefix = "info.options."

func isFact(name string) bool {
	option, isOption := strings.CutPrefix(name, optionPrefix)
	return isOption && slices.Contains(optionIDs, option) || slices.Contains(memberNames(), name)
}

// MarshalJSON writes the profile as [Read] takes it, facts in the order of
// descriptions.
func (p Profile) MarshalJSON() ([]byte, error) {
	var facts bytes.Buffer
	facts.WriteByte('{')
	for _, m := range members {
		_, value, source := m.show(&p)
		if source == "" {
			continue
		}
		text, err := json.Marshal(struct {
			Value  any    `json:"value"`
			Source Source `json:"source"`
		}{value, source})
		if err != nil {
			return nil, err
		}
		if facts.Len() > 1 {
			facts.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		facts.Write(append(append(name, ':'), text...))
	}
	facts.WriteByte('}')
	return json.Marshal(struct {
		ID      string          `json:"id"`
		Name    string          `json:"name"`
		About   string          `json:"about,omitempty"`
		Kind    Kind            `json:"kind"`
		Facts   json.RawMessage `json:"facts"`
		Quirks  []Quirk         `json:"quirks,omitempty"`
		Differs []Difference    `json:"differs,omitempty"`
	}{p.ID, p.Name, p.About, p.Kind, facts.Bytes(), p.Quirks, p.Differs})
}
