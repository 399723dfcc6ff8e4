package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

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
				{key: mcFormats, name: "attestationFormatsPreference", kind: anArray, element: &member{kind: aText, needs: []need{formats(1)}}, needs: []need{formats(1)}},
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
			if k.uintOf(a, bioAnswerRemaining) == 0 {
				k.Unsupportedf("needs a device that wants more than one sample")
			}
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
