package authenticators

import (
	"bytes"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
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
		{key: bioSubCommand, name: "subCommand", kind: anInteger, missing: isMissing},
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

func ceremonyMessages() []message {
	return []message{
		{
			name: "makecredential", section: "6.1", answers: madeAuthData, members: []member{
				{key: mcClientDataHash, name: "clientDataHash", kind: aByteString, missing: isMissing},
				{key: mcRP, name: "rp", kind: aMap, missing: isMissing, members: []member{
					{key: "id", name: "id", kind: aText, missing: isWrong}, {key: "name", name: "name", kind: aText},
				}},
				{key: mcUser, name: "user", kind: aMap, missing: isMissing, members: []member{
					{key: "id", name: "id", kind: aByteString, missing: isWrong}, {key: "name", name: "name", kind: aText},
					{key: "displayName", name: "displayName", kind: aText},
				}},
				{key: mcParams, name: "pubKeyCredParams", kind: anArray, missing: isMissing, element: &member{kind: aMap, members: []member{
					{key: "alg", name: "alg", kind: anInteger, missing: isWrong}, {key: "type", name: "type", kind: aText, missing: isWrong},
				}}},
				{key: mcExcludeList, name: "excludeList", kind: anArray, element: &member{kind: aMap, members: descriptorMembers}},
				{key: mcExtensions, name: "extensions", kind: aMap},
				{key: mcOptions, name: "options", kind: aMap, members: []member{
					{key: "rk", name: "rk", kind: aBoolean}, {key: "uv", name: "uv", kind: aBoolean}, {key: "up", name: "up", kind: aBoolean},
				}},
				{key: mcParam, name: "pinUvAuthParam", kind: aByteString},
				{key: mcProtocol, name: "pinUvAuthProtocol", kind: anInteger},
				{key: mcEnterprise, name: "enterpriseAttestation", kind: anInteger},
				{key: mcFormats, name: "attestationFormatsPreference", kind: anArray, element: &member{kind: aText}},
			},
			build: func(k *key) (request, func(request) request) {
				r := k.newCredential().with(mcExcludeList, cbor.Array{descriptor(k.draw(32))}).with(mcExtensions, cbor.Map{}).with(mcOptions, cbor.Map{})
				return asIs(k.authorise(r))
			},
		},
		{
			name: "getassertion", section: "6.2", answers: gotAuthData, members: []member{
				{key: gaRPID, name: "rpId", kind: aText, missing: isMissing},
				{key: gaClientDataHash, name: "clientDataHash", kind: aByteString, missing: isMissing},
				{key: gaAllowList, name: "allowList", kind: anArray, element: &member{kind: aMap, members: descriptorMembers}},
				{key: gaExtensions, name: "extensions", kind: aMap},
				{key: gaOptions, name: "options", kind: aMap, members: []member{
					{key: "uv", name: "uv", kind: aBoolean}, {key: "up", name: "up", kind: aBoolean},
				}},
				{key: gaParam, name: "pinUvAuthParam", kind: aByteString},
				{key: gaProtocol, name: "pinUvAuthProtocol", kind: anInteger},
			},
			build: func(k *key) (request, func(request) request) {
				c := k.make(k.newCredential())
				return asIs(k.authorise(k.useOf(c).with(gaExtensions, cbor.Map{}).with(gaOptions, cbor.Map{})))
			},
		},
		{
			name: "largeblobs/get", section: "6.10.2", answers: lbConfig, needs: []need{largeBlobs}, members: []member{
				{key: lbGet, name: "get", kind: anInteger, missing: isInvalid},
				{key: lbOffset, name: "offset", kind: anInteger, missing: isInvalid},
			},
			build: func(*key) (request, func(request) request) {
				return asIs(largeBlobsRequest(lbGet, 17, lbOffset, 0))
			},
		},
		{
			name: "largeblobs/set", section: "6.10.2", needs: []need{largeBlobs, anyToken}, members: []member{
				{key: lbSet, name: "set", kind: aByteString, missing: isInvalid},
				{key: lbOffset, name: "offset", kind: anInteger, missing: isInvalid},
				{key: lbLength, name: "length", kind: anInteger, missing: isInvalid},
				{key: lbParam, name: "pinUvAuthParam", kind: aByteString, missing: isUnauthed},
				{key: lbProtocol, name: "pinUvAuthProtocol", kind: anInteger, missing: isMissing},
			},
			build: func(k *key) (request, func(request) request) {
				return asIs(writeFragment(k.blobWriter(), k.blobs(40), 0, 40))
			},
		},
	}
}

func pinMessages() []message {
	return []message{
		{
			name: "clientpin/key-agreement", section: "6.5.5.4", answers: pinAnswerKeyAgreement, needs: []need{keyAgreement}, members: []member{pinProtocolMember, pinSubMember},
			build: func(k *key) (request, func(request) request) {
				return asIs(clientPINRequest(ctap.GetKeyAgreement, pinProtocol, k.protocol()))
			},
		},
		{
			name: "clientpin/set-pin", section: "6.5.5.5", needs: []need{clientPIN},
			members: []member{pinProtocolMember, pinSubMember, keyAgreementMember, pinParamMember, newPinMember},
			build: func(k *key) (request, func(request) request) {
				return asIs(k.setPINRequest(k.agree(k.protocol()), pinuv.PadPIN(thePIN, pinuv.PaddedPIN)))
			},
		},
		{
			name: "clientpin/change-pin", section: "6.5.5.6", needs: []need{clientPIN},
			members: []member{pinProtocolMember, pinSubMember, keyAgreementMember, pinParamMember, newPinMember, pinHashMember},
			build: func(k *key) (request, func(request) request) {
				k.setPIN(thePIN)
				return asIs(k.changePINRequest(k.agree(k.protocol()), thePIN, pinuv.PadPIN(otherPIN, pinuv.PaddedPIN)))
			},
		},
		{
			name: "clientpin/get-pin-token", section: "6.5.5.7.1", answers: pinAnswerToken, needs: []need{clientPIN},
			members: []member{pinProtocolMember, pinSubMember, keyAgreementMember, pinHashMember},
			build: func(k *key) (request, func(request) request) {
				k.setPIN(thePIN)
				return asIs(k.tokenByPIN(k.agree(k.protocol()), thePIN, 0, ""))
			},
		},
		{
			name: "clientpin/token-by-pin", section: "6.5.5.7.2", answers: pinAnswerToken, needs: []need{pinToken},
			members: []member{pinProtocolMember, pinSubMember, keyAgreementMember, pinHashMember, permissionsMember, tokenRPMember},
			build: func(k *key) (request, func(request) request) {
				k.ensurePIN()
				p, rp := k.possible(true)
				return asIs(k.tokenByPIN(k.agree(k.protocol()), thePIN, p, rp))
			},
		},
		{
			name: "clientpin/token-by-uv", section: "6.5.5.7.3", answers: pinAnswerToken, needs: []need{uvToken},
			members: []member{pinProtocolMember, pinSubMember, keyAgreementMember, permissionsMember, tokenRPMember},
			build: func(k *key) (request, func(request) request) {
				p, rp := k.possible(false)
				return asIs(k.tokenByUV(k.agree(k.protocol()), p, rp))
			},
		},
	}
}

func managementMessages() []message {
	userMembers := []member{{key: "id", name: "id", kind: aByteString, missing: isWrong}, {key: "name", name: "name", kind: aText}, {key: "displayName", name: "displayName", kind: aText}}
	named := member{key: cmCredentialID, name: "credentialID", kind: aMap, missing: isMissing, members: descriptorMembers}
	return []message{
		managedMessage("metadata", "6.8.2", ctap.GetCredsMetadata, nil, nil),
		managedMessage("rps", "6.8.3", ctap.EnumerateRPsBegin, nil, nil),
		managedMessage("credentials", "6.8.4", ctap.EnumerateCredentialsBegin, nil,
			func(k *key, _ *credential) cbor.Map { return hashParams(k.rp) },
			member{key: cmRPIDHash, name: "rpIDHash", kind: aByteString, missing: isMissing}),
		managedMessage("delete", "6.8.5", ctap.DeleteCredential, nil,
			func(_ *key, c *credential) cbor.Map { return credentialParams(c) }, named),
		managedMessage("update", "6.8.6", ctap.UpdateUserInformation, []need{atLeast21},
			func(_ *key, c *credential) cbor.Map {
				return userParams(c, cbor.Map{{Key: "id", Value: c.user}, {Key: "name", Value: "new"}, {Key: "displayName", Value: "New"}})
			}, named, member{key: cmUser, name: "user", kind: aMap, missing: isMissing, members: userMembers}),
		configMessage("always-uv", "6.11.2", ctap.ToggleAlwaysUv, nil),
		configMessage("long-touch", "6.11.5", ctap.EnableLongTouchForReset, nil),
		configMessage("enterprise", "6.11.1", ctap.EnableEnterpriseAttestation, nil),
		configMessage("min-pin-length", "6.11.4", ctap.SetMinPINLength,
			func(k *key) cbor.Map {
				return cbor.Map{{Key: minPINNew, Value: k.info().uint(infoMinPINLength, leastMinPINLength) + 1}}
			},
			member{key: minPINNew, name: "newMinPINLength", kind: anInteger},
			member{key: minPINRPIDs, name: "minPinLengthRPIDs", kind: anArray, element: &member{kind: aText}},
			member{key: minPINForceChange, name: "forceChangePin", kind: aBoolean}),
	}
}

func bioMessages() []message {
	id := member{key: bioTemplateID, name: "templateId", kind: aByteString, missing: isMissing}
	ofFinger := func(k *key, t token) cbor.Map { return cbor.Map{{Key: bioTemplateID, Value: k.enrolFinger(t)}} }
	return []message{
		bioMessage("begin", "6.7.4", ctap.EnrollBegin, func(*key, token) cbor.Map { return cbor.Map{{Key: bioTimeout, Value: 5000}} },
			member{key: bioTimeout, name: "timeoutMilliseconds", kind: anInteger}),
		bioMessage("next", "6.7.4", ctap.EnrollCaptureNextSample, func(k *key, t token) cbor.Map {
			a := k.send(enrol(t, ctap.EnrollBegin, nil))
			k.expectOK(a)
			return cbor.Map{{Key: bioTemplateID, Value: k.bytesOf(a, bioAnswerTemplateID)}}
		}, id),
		bioMessage("enumerate", "6.7.6", ctap.EnumerateEnrollments, func(k *key, t token) cbor.Map {
			k.enrolFinger(t)
			return nil
		}),
		bioMessage("name", "6.7.7", ctap.SetFriendlyName, func(k *key, t token) cbor.Map {
			return append(ofFinger(k, t), cbor.Pair{Key: bioName, Value: "thumb"})
		}, id, member{key: bioName, name: "templateFriendlyName", kind: aText, missing: isMissing}),
		bioMessage("remove", "6.7.8", ctap.RemoveEnrollment, ofFinger, id),
	}
}

// path leads to a member: keys of maps and indices of arrays.
type path []any

// index is a step of a path into an array.
type index int

// place is a member with the path to it and its name from the top.
type place struct {
	member
	path path
	name string // in sentences
	id   string // in IDs
}

// places lists the members of a message, the inner ones too.
func (m *message) places() []place { return placesIn(nil, "", m.members) }

func placesIn(at path, prefix string, members []member) (out []place) {
	for _, m := range members {
		here := append(slices.Clone(at), m.key)
		name := prefix + m.name
		out = append(out, place{m, here, name, strings.ToLower(name)})
		out = append(out, placesIn(here, name+".", m.members)...)
		if m.element != nil {
			element := *m.element
			inside := append(slices.Clone(here), index(0))
			out = append(out, place{element, inside, name + ".element", strings.ToLower(name) + ".element"})
			out = append(out, placesIn(inside, name+".element.", element.members)...)
		}
	}
	return out
}

// absent is what is put at a path to take away what is there.
type absent struct{}

// put returns a value with another one at a path: containers that are not there
// are made.
func put(v any, at path, to any) any {
	if len(at) == 0 {
		return to
	}
	if i, ok := at[0].(index); ok {
		list, _ := v.(cbor.Array)
		list = slices.Clone(list)
		for len(list) <= int(i) {
			list = append(list, cbor.Map{})
		}
		list[i] = put(list[i], at[1:], to)
		return list
	}
	m, _ := v.(cbor.Map)
	if _, gone := to.(absent); gone && len(at) == 1 {
		return m.Without(at[0])
	}
	inner, _ := m.Get(at[0])
	return m.With(at[0], put(inner, at[1:], to))
}

// changed returns a request with another value at a path.
func (r request) changed(at path, to any) request {
	r.params, _ = put(r.params, at, to).(cbor.Map)
	return r
}
