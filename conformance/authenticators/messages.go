package authenticators

import (
	"bytes"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// kind is a CBOR type that a member has.
type kind int

const (
	anInteger kind = iota
	aByteString
	aText
	anArray
	aMap
	aBoolean
)

// samples are a value of each kind, and null, of which no member is.
var samples = []any{anInteger: 7, aByteString: []byte{1, 2}, aText: "text", anArray: cbor.Array{}, aMap: cbor.Map{}, aBoolean: true, 6: nil}

// member is a member of a message, or of something in it.
type member struct {
	key     any
	name    string
	kind    kind
	missing []ctap.Status // what its absence is answered with; nil = it may be absent
	members []member      // of a map
	element *member       // of an array
	needs   []need        // met where the device can know it; else it is passed over
}

var (
	isMissing  = []ctap.Status{ctap.MissingParameter}
	isInvalid  = []ctap.Status{ctap.InvalidParameter}
	isUnauthed = []ctap.Status{ctap.PUATRequired}
	// isWrong is for what is missing inside of something, for which no status is
	// agreed on.
	isWrong = []ctap.Status{}
)

// message is a request of which dull cases are derived.
type message struct {
	name    string // what its cases begin with
	section string
	needs   []need
	members []member
	answers int // a member that the answer always has; 0 = none
	// build returns a request that a fresh device accepts, after what it takes for
	// that, and signs it anew where that changes it.
	build func(*key) (r request, resign func(request) request)
}

// commandNames are how the specification writes what the names of cases begin with.
var commandNames = map[string]string{
	"makecredential": "makeCredential", "getassertion": "getAssertion", "clientpin": "clientPIN", "largeblobs": "largeBlobs",
	"credentialmanagement": "credentialManagement", "config": "authenticatorConfig", "bioenrollment": "bioEnrollment",
}

// what names a request in sentences.
func (m *message) what() string {
	command, sub, ok := strings.Cut(m.name, "/")
	if !ok {
		return "a request of " + commandNames[command]
	}
	return "a request of " + commandNames[command] + " (" + sub + ")"
}

// begin is the same where a sentence begins.
func (m *message) begin() string { return "A" + m.what()[1:] }

// asIs is a request that needs no other signature when it is changed.
func asIs(r request) (request, func(request) request) {
	return r, func(r request) request { return r }
}

var descriptorMembers = []member{
	{key: "id", name: "id", kind: aByteString, missing: isWrong}, {key: "type", name: "type", kind: aText, missing: isWrong},
}

var keyAgreementMember = member{key: pinKeyAgreement, name: "keyAgreement", kind: aMap, missing: isMissing, members: []member{
	{key: coseKty, name: "kty", kind: anInteger, missing: isWrong}, {key: coseCrv, name: "crv", kind: anInteger, missing: isWrong},
	{key: coseX, name: "x", kind: aByteString, missing: isWrong}, {key: coseY, name: "y", kind: aByteString, missing: isWrong},
}}

var (
	pinProtocolMember = member{key: pinProtocol, name: "pinUvAuthProtocol", kind: anInteger, missing: isMissing}
	pinSubMember      = member{key: pinSubCommand, name: "subCommand", kind: anInteger, missing: isMissing}
	pinParamMember    = member{key: pinParam, name: "pinUvAuthParam", kind: aByteString, missing: isMissing}
	newPinMember      = member{key: pinNewPinEnc, name: "newPinEnc", kind: aByteString, missing: isMissing}
	pinHashMember     = member{key: pinPinHashEnc, name: "pinHashEnc", kind: aByteString, missing: isMissing}
	permissionsMember = member{key: pinPermissions, name: "permissions", kind: anInteger, missing: isMissing}
	tokenRPMember     = member{key: pinRPID, name: "rpId", kind: aText}
)

// managed is a message of credentialManagement.
func managedMessage(name, section string, sub ctap.SubCommand, more []need, params func(*key, *credential) cbor.Map, inside ...member) message {
	m := message{name: "credentialmanagement/" + name, section: section, needs: cmNeeds(more...), members: []member{
		{key: cmSubCommand, name: "subCommand", kind: anInteger, missing: isMissing},
		{key: cmProtocol, name: "pinUvAuthProtocol", kind: anInteger, missing: isMissing},
		{key: cmParam, name: "pinUvAuthParam", kind: aByteString, missing: isUnauthed},
	}}
	if params != nil {
		m.members = append(m.members, member{key: cmParams, name: "subCommandParams", kind: aMap, missing: isMissing, members: inside})
	}
	m.build = func(k *key) (request, func(request) request) {
		c := k.make(discoverable(k.newCredential()))
		t := k.manager()
		var p cbor.Map
		if params != nil {
			p = params(k, c)
		}
		return k.manage(t, sub, p), t.resign
	}
	return m
}

// configMessage is a message of authenticatorConfig.
func configMessage(name, section string, sub ctap.SubCommand, params func(*key) cbor.Map, inside ...member) message {
	m := message{name: "config/" + name, section: section, needs: []need{configCommand(sub), anyToken}, members: []member{
		{key: cfgSubCommand, name: "subCommand", kind: anInteger, missing: isMissing},
		{key: cfgProtocol, name: "pinUvAuthProtocol", kind: anInteger, missing: isMissing},
		{key: cfgParam, name: "pinUvAuthParam", kind: aByteString, missing: isUnauthed},
	}}
	if params != nil {
		m.members = append(m.members, member{key: cfgParams, name: "subCommandParams", kind: aMap, members: inside})
	}
	m.build = func(k *key) (request, func(request) request) {
		t := k.configurer()
		var p cbor.Map
		if params != nil {
			p = params(k)
		}
		return configure(t, sub, p), t.resign
	}
	return m
}

// bioMessage is a message of bioEnrollment that wants a token.
func bioMessage(name, section string, sub ctap.SubCommand, params func(*key, token) cbor.Map, inside ...member) message {
	m := message{name: "bioenrollment/" + name, section: section, needs: []need{bioEnroll, pinToken}, members: []member{
		{key: bioModality, name: "modality", kind: anInteger, missing: isMissing},
		// No status is written down: a request without may ask for the modality.
		{key: bioSubCommand, name: "subCommand", kind: anInteger, missing: isWrong},
		{key: bioProtocol, name: "pinUvAuthProtocol", kind: anInteger, missing: isMissing},
		{key: bioParam, name: "pinUvAuthParam", kind: aByteString, missing: isUnauthed},
	}}
	if params != nil {
		p := member{key: bioParams, name: "subCommandParams", kind: aMap, members: inside}
		if slices.ContainsFunc(inside, func(m member) bool { return m.missing != nil }) {
			p.missing = isMissing
		}
		m.members = append(m.members, p)
	}
	m.build = func(k *key) (request, func(request) request) {
		t := k.enroller()
		var p cbor.Map
		if params != nil {
			p = params(k, t)
		}
		return enrol(t, sub, p), t.resign
	}
	return m
}

// resign signs what a request says now, by the rules of its command (§5).
func (t token) resign(r request) request {
	sub, _ := r.params.Get(cmSubCommand)
	switch r.command {
	case ctap.CommandCredentialManagement:
		return t.signed(r, cmParam, cmParams, lowByte(sub))
	case ctap.CommandConfig:
		return t.signed(r, cfgParam, cfgParams, append(bytes.Repeat([]byte{0xFF}, 32), byte(ctap.CommandConfig), lowByte(sub)[0]))
	case ctap.CommandBioEnrollment:
		modality, _ := r.params.Get(bioModality)
		sub, _ = r.params.Get(bioSubCommand)
		return t.signed(r, bioParam, bioParams, append(lowByte(modality), lowByte(sub)...))
	}
	return r
}

func lowByte(v any) []byte {
	n, _ := unsigned(v)
	if i, ok := v.(int); ok {
		n = uint64(i)
	}
	return []byte{byte(n)}
}

// signed replaces the pinUvAuthParam of a request, unless that is what was changed.
func (t token) signed(r request, param, params int, message []byte) request {
	if bytesIn(r.params, param) == nil {
		return r
	}
	if p, ok := r.params.Get(params); ok {
		message = append(message, cbor.Encode(p)...)
	}
	return r.with(param, t.over(message))
}

// messages are all of which cases are derived.
func messages() []message {
	return slices.Concat(ceremonyMessages(), pinMessages(), managementMessages(), bioMessages())
}
