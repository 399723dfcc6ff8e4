package client

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// registrationExtension is the client's part of one extension in one create()
// (§9.4). Functions that are nil have nothing to do.
type registrationExtension struct {
	id     string
	unfit  func(a *candidate) error                             // why an authenticator cannot take part
	input  func(ctx context.Context, made *newCredential) error // adds authenticator extension inputs to the request
	check  func(made *newCredential) error                      // holds the outputs to the inputs
	output func(made *newCredential) (result any, err error)    // the client extension output; nil is left out
}

// authenticationExtension is the same in one get(). Its output may speak to the
// authenticator once more.
type authenticationExtension struct {
	id     string
	input  func(ctx context.Context, got *assertion) error
	output func(ctx context.Context, got *assertion) (result any, err error)
}

// These tables are all that the client knows of extensions; identifiers in
// neither are ignored (§9.3). prepare examines the input. Its error ends the
// ceremony; an extension without functions does not take part.
var (
	registrationExtensions = map[string]func(op *creation, input json.RawMessage) (registrationExtension, error){
		"appid":                             refuseAppID,
		"appidExclude":                      prepareAppIDExclude,
		"credBlob":                          prepareCredBlob,
		"credProps":                         prepareCredProps,
		"credentialProtectionPolicy":        prepareCredProtect,
		"enforceCredentialProtectionPolicy": prepareEnforcement,
		"largeBlob":                         prepareLargeBlobSupport,
		"minPinLength":                      prepareMinPINLength,
		"payment":                           preparePayment,
		"prf":                               preparePRFCreation,
	}
	authenticationExtensions = map[string]func(op *authentication, input json.RawMessage) (authenticationExtension, error){
		"appid":       prepareAppID,
		"credProps":   refuseCredProps,
		"getCredBlob": prepareGetCredBlob,
		"largeBlob":   prepareLargeBlob,
		"payment":     refusePayment,
		"prf":         preparePRF,
	}
)

// processExtensions is #CreateCred-process-extensions. Inputs are taken in the
// order of their names, so that of several faulty ones always the same is
// reported.
func (op *creation) processExtensions() error {
	for _, id := range inOrder(op.options.Extensions) {
		prepare, input := registrationExtensions[id], op.options.Extensions[id]
		if prepare == nil || isNull(input) {
			continue
		}
		e, err := prepare(op, input)
		if err != nil {
			return err
		}
		e.id = id
		op.extensions = append(op.extensions, e)
	}
	op.protectByDefault()
	return nil
}

// processExtensions is the same step of get().
func (op *authentication) processExtensions() error {
	for _, id := range inOrder(op.options.Extensions) {
		prepare, input := authenticationExtensions[id], op.options.Extensions[id]
		if prepare == nil || isNull(input) {
			continue
		}
		e, err := prepare(op, input)
		if err != nil {
			return err
		}
		e.id = id
		op.extensions = append(op.extensions, e)
	}
	return nil
}

func inOrder(inputs map[string]json.RawMessage) []string {
	if len(inputs) == 0 { // as mostly
		return nil
	}
	return slices.Sorted(maps.Keys(inputs))
}

// extensionResults is getClientExtensionResults() in JSON.
func (op *creation) extensionResults(made *newCredential) (map[string]json.RawMessage, error) {
	results := make(map[string]json.RawMessage, len(op.extensions))
	for _, e := range op.extensions {
		if e.output == nil {
			continue
		}
		output, err := e.output(made)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.id, err)
		}
		if err := addResult(results, e.id, output); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// extensionResults is the same in get().
func (op *authentication) extensionResults(ctx context.Context, got *assertion) (map[string]json.RawMessage, error) {
	results := make(map[string]json.RawMessage, len(op.extensions))
	for _, e := range op.extensions {
		if e.output == nil {
			continue
		}
		output, err := e.output(ctx, got)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.id, err)
		}
		if err := addResult(results, e.id, output); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func addResult(results map[string]json.RawMessage, id string, output any) error {
	if output == nil {
		return nil
	}
	text, err := json.Marshal(output)
	results[id] = text
	return err
}

// mergeOutputs reads the authenticator extension outputs of an answer: those in
// the signed authenticator data, and since CTAP 2.2 those beside it.
func mergeOutputs(signed canon.Raw, unsigned ctap.Extensions) (ctap.Extensions, error) {
	if len(signed) == 0 {
		return unsigned, nil
	}
	var all ctap.Extensions
	if err := canon.Unmarshal(signed, &all); err != nil {
		return nil, fmt.Errorf("extension outputs: %w", err)
	}
	for id, output := range unsigned {
		if _, twice := all[id]; twice {
			return nil, fmt.Errorf("there are two outputs of extension %q", id)
		}
		all[id] = output
	}
	return all, nil
}

// unasked returns an error for the first output of an extension that was not
// asked for (§9.5).
func unasked(outputs, asked ctap.Extensions) error {
	for id := range outputs {
		if _, ok := asked[id]; !ok {
			return fmt.Errorf("there is an output of extension %q, which was not asked for", id)
		}
	}
	return nil
}

// isTrue reads a boolean input as Web IDL converts it, with the simplification
// that only true is true.
func isTrue(input json.RawMessage) bool { return string(input) == "true" }

// isNull: a member that is null counts as absent, as everywhere in the options.
func isNull(input json.RawMessage) bool { return string(input) == "null" }
