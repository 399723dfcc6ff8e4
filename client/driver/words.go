package driver

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/passkeylab/passkeylab/conformance/clients"
)

// arguments are the words of a request: create or get, the socket, and NAME=VALUE.
// What is empty is left out, but for a user handle.
func arguments(sockets []string, r *clients.Request) ([]string, error) {
	words := []string{"get", sockets[0]}
	if r.Create {
		words[0] = "create"
	}
	add := func(name, value string) {
		if value != "" {
			words = append(words, name+"="+value)
		}
	}
	add("origin", r.Origin)
	add("rp", r.RPID)
	add("challenge", hex.EncodeToString(r.Challenge))
	add("clientData", hex.EncodeToString(r.ClientData))
	if r.Create {
		add("rpName", r.RPName)
		words = append(words, "user="+hex.EncodeToString(r.UserID))
		add("userName", r.UserName)
		add("displayName", r.DisplayName)
		add("algorithms", algorithms(r))
		add("residentKey", r.ResidentKey)
		add("attestation", r.Attestation)
		add("attachment", r.Attachment)
	} else {
		add("publicKey", hex.EncodeToString(r.PublicKey))
	}
	add("userVerification", r.UserVerification)
	add("list", list(r))
	add("hints", strings.Join(r.Hints, ","))
	add("others", strings.Join(sockets[1:], ","))
	if r.Timeout > 0 {
		add("timeout", strconv.FormatInt(r.Timeout.Milliseconds(), 10))
	}
	if r.WellKnown != nil {
		text, err := json.Marshal(r.WellKnown)
		if err != nil {
			return nil, err
		}
		add("wellKnown", string(text))
	}
	add("pin", r.PIN)
	add("newPin", r.NewPIN)
	if len(r.Extensions) > 0 {
		text, err := json.Marshal(r.Extensions)
		if err != nil {
			return nil, err
		}
		add("extensions", string(text))
	}
	return words, nil
}

// algorithms are numbers, each after its type where that is not "public-key".
func algorithms(r *clients.Request) string {
	words := make([]string, len(r.Algorithms))
	for i, alg := range r.Algorithms {
		words[i] = strconv.FormatInt(alg, 10)
		if i < len(r.Types) {
			words[i] = r.Types[i] + ":" + words[i]
		}
	}
	return strings.Join(words, ",")
}

// list are IDs, each after its type where that is not "public-key".
func list(r *clients.Request) string {
	words := make([]string, len(r.List))
	for i, id := range r.List {
		words[i] = hex.EncodeToString(id)
		if i < len(r.ListTypes) {
			words[i] = r.ListTypes[i] + ":" + words[i]
		}
	}
	return strings.Join(words, ",")
}

// result reads what a program printed.
func result(told []pair) (*clients.Result, error) {
	r := &clients.Result{}
	into := map[string]*[]byte{
		"clientData": &r.ClientData, "credentialId": &r.CredentialID, "authData": &r.AuthData, "signature": &r.Signature, "userHandle": &r.UserHandle, "statement": &r.Statement,
	}
	for _, p := range told {
		switch p.name {
		case "error":
			r.Error = p.value
		case "detail":
			r.Detail = p.value
		case "format":
			r.Format = p.value
		case "extensions":
			if err := json.Unmarshal([]byte(p.value), &r.Extensions); err != nil {
				return nil, fmt.Errorf("extensions: %w", err)
			}
		default:
			to := into[p.name]
			if to == nil {
				return nil, fmt.Errorf("%q is nothing that a program tells", p.name)
			}
			b, err := hex.DecodeString(p.value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			*to = b
		}
	}
	return r, nil
}
