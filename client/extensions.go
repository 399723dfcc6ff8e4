package client

import (
	"encoding/json"
	"maps"
	"slices"
)

// registrationExtension is the client's part of one extension in one create()
// (§9.4): what it adds to the result once a credential was made. A nil output
// is left out.
type registrationExtension struct {
	id     string
	output func(made *newCredential) any
}

// These tables are all that the client knows of extensions; identifiers in
// neither are ignored (§9.3). prepare examines the input. Its error ends the
// ceremony; an output of nil means that the extension does not take part.
var (
	registrationExtensions = map[string]func(op *creation, input json.RawMessage) (output func(*newCredential) any, err error){
		"credProps": prepareCredProps,
	}
	authenticationExtensions = map[string]func(op *authentication, input json.RawMessage) error{
		"credProps": refuseCredProps,
	}
)

// processExtensions is #CreateCred-process-extensions. Inputs are taken in the
// order of their names, so that of several faulty ones always the same is
// reported.
func (op *creation) processExtensions() error {
	for _, id := range inOrder(op.options.Extensions) {
		prepare, known := registrationExtensions[id]
		if !known {
			continue
		}
		output, err := prepare(op, op.options.Extensions[id])
		if err != nil {
			return err
		}
		if output != nil {
			op.extensions = append(op.extensions, registrationExtension{id, output})
		}
	}
	return nil
}

func inOrder(inputs map[string]json.RawMessage) []string {
	if len(inputs) == 0 { // as mostly
		return nil
	}
	return slices.Sorted(maps.Keys(inputs))
}

// processExtensions is the same step of get().
func (op *authentication) processExtensions() error {
	for _, id := range inOrder(op.options.Extensions) {
		if prepare, known := authenticationExtensions[id]; known {
			if err := prepare(op, op.options.Extensions[id]); err != nil {
				return err
			}
		}
	}
	return nil
}

// extensionResults is getClientExtensionResults() in JSON.
func (op *creation) extensionResults(made *newCredential) (map[string]json.RawMessage, error) {
	results := make(map[string]json.RawMessage, len(op.extensions))
	for _, e := range op.extensions {
		output := e.output(made)
		if output == nil {
			continue
		}
		text, err := json.Marshal(output)
		if err != nil {
			return nil, err
		}
		results[e.id] = text
	}
	return results, nil
}

// isTrue reads a boolean input as Web IDL converts it, with the simplification
// that only true is true.
func isTrue(input json.RawMessage) bool { return string(input) == "true" }
