package authenticators

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// memberNames name the members of a message by their keys, counted from 1.
type memberNames []string

// label is a key with the name that the specification has for it.
func (names memberNames) label(key any) string {
	n, ok := key.(int64)
	if !ok {
		return cbor.Text(key, nil)
	}
	if n > 0 && n <= int64(len(names)) && names[n-1] != "" {
		return fmt.Sprintf("%s (0x%02x)", names[n-1], n)
	}
	return fmt.Sprintf("0x%02x", n)
}

// The members of requests and answers (CTAP 2.3 §6).
var (
	requestNames = map[ctap.Command]memberNames{
		ctap.CommandMakeCredential: {"clientDataHash", "rp", "user", "pubKeyCredParams", "excludeList", "extensions", "options",
			"pinUvAuthParam", "pinUvAuthProtocol", "enterpriseAttestation", "attestationFormatsPreference"},
		ctap.CommandGetAssertion: {"rpId", "clientDataHash", "allowList", "extensions", "options", "pinUvAuthParam", "pinUvAuthProtocol"},
		ctap.CommandClientPIN: {"pinUvAuthProtocol", "subCommand", "keyAgreement", "pinUvAuthParam", "newPinEnc", "pinHashEnc",
			"", "", "permissions", "rpId"},
		ctap.CommandBioEnrollment:        {"modality", "subCommand", "subCommandParams", "pinUvAuthProtocol", "pinUvAuthParam", "getModality"},
		ctap.CommandCredentialManagement: {"subCommand", "subCommandParams", "pinUvAuthProtocol", "pinUvAuthParam"},
		ctap.CommandLargeBlobs:           {"get", "set", "offset", "length", "pinUvAuthParam", "pinUvAuthProtocol"},
		ctap.CommandConfig:               {"subCommand", "subCommandParams", "pinUvAuthProtocol", "pinUvAuthParam"},
	}
	assertionNames = memberNames{"credential", "authData", "signature", "user", "numberOfCredentials", "userSelected", "largeBlobKey", "unsignedExtensionOutputs"}
	answerNames    = map[ctap.Command]memberNames{
		ctap.CommandMakeCredential:   {"fmt", "authData", "attStmt", "epAtt", "largeBlobKey", "unsignedExtensionOutputs"},
		ctap.CommandGetAssertion:     assertionNames,
		ctap.CommandGetNextAssertion: assertionNames,
		ctap.CommandGetInfo: {"versions", "extensions", "aaguid", "options", "maxMsgSize", "pinUvAuthProtocols", "maxCredentialCountInList",
			"maxCredentialIdLength", "transports", "algorithms", "maxSerializedLargeBlobArray", "forcePINChange", "minPINLength",
			"firmwareVersion", "maxCredBlobLength", "maxRPIDsForSetMinPINLength", "preferredPlatformUvAttempts", "uvModality",
			"certifications", "remainingDiscoverableCredentials", "vendorPrototypeConfigCommands", "attestationFormats",
			"uvCountSinceLastPinEntry", "longTouchForReset", "encIdentifier", "transportsForReset", "pinComplexityPolicy",
			"pinComplexityPolicyURL", "maxPINLength", "encCredStoreState", "authenticatorConfigCommands"},
		ctap.CommandClientPIN: {"keyAgreement", "pinUvAuthToken", "pinRetries", "powerCycleState", "uvRetries"},
		ctap.CommandBioEnrollment: {"modality", "fingerprintKind", "maxCaptureSamplesRequiredForEnroll", "templateId",
			"lastEnrollSampleStatus", "remainingSamples", "templateInfos", "maxTemplateFriendlyName"},
		ctap.CommandCredentialManagement: {"existingResidentCredentialsCount", "maxPossibleRemainingResidentCredentialsCount", "rp",
			"rpIDHash", "totalRPs", "user", "credentialID", "publicKey", "totalCredentials", "credProtect", "largeBlobKey", "thirdPartyPayment"},
		ctap.CommandLargeBlobs: {"config"},
	}
)

// Keys of members, where cases name them.
const (
	mcClientDataHash = iota + 1
	mcRP
	mcUser
	mcParams
	mcExcludeList
	mcExtensions
	mcOptions
	mcParam
	mcProtocol
	mcEnterprise
	mcFormats
)

const (
	gaRPID = iota + 1
	gaClientDataHash
	gaAllowList
	gaExtensions
	gaOptions
	gaParam
	gaProtocol
)

const (
	madeFormat = iota + 1
	madeAuthData
	madeStatement
	madeEnterprise
	madeLargeBlobKey
	madeUnsigned
)

const (
	gotCredential = iota + 1
	gotAuthData
	gotSignature
	gotUser
	gotNumber
	gotSelected
	gotLargeBlobKey
	gotUnsigned
)

const (
	infoVersions            = 0x01
	infoExtensions          = 0x02
	infoAAGUID              = 0x03
	infoOptions             = 0x04
	infoMaxMsgSize          = 0x05
	infoProtocols           = 0x06
	infoMaxCredentialCount  = 0x07
	infoMaxCredentialID     = 0x08
	infoTransports          = 0x09
	infoAlgorithms          = 0x0A
	infoMaxLargeBlobs       = 0x0B
	infoForcePINChange      = 0x0C
	infoMinPINLength        = 0x0D
	infoMaxCredBlob         = 0x0F
	infoMaxRPIDs            = 0x10
	infoPlatformUvAttempts  = 0x11
	infoUvModality          = 0x12
	infoCertifications      = 0x13
	infoRemaining           = 0x14
	infoVendorCommands      = 0x15
	infoFormats             = 0x16
	infoUvCount             = 0x17
	infoLongTouch           = 0x18
	infoEncIdentifier       = 0x19
	infoTransportsForReset  = 0x1A
	infoPINComplexity       = 0x1B
	infoPINComplexityURL    = 0x1C
	infoMaxPINLength        = 0x1D
	infoEncCredStoreState   = 0x1E
	infoConfigCommands      = 0x1F
	infoLast                = 0x1F
	defaultMaxMsgSize       = 1024
	defaultMaxPINLength     = 63
	leastMinPINLength       = 4
	leastMaxPINLength       = 8
	largestCredentialID     = 1023
	leastCredBlob           = 32
	leastLargeBlobArray     = 1024
	uvModalityPINExternal   = 0x800
	largeBlobFragmentMargin = 64
)

const (
	pinProtocol = iota + 1
	pinSubCommand
	pinKeyAgreement
	pinParam
	pinNewPinEnc
	pinPinHashEnc
	_
	_
	pinPermissions
	pinRPID
)

const (
	pinAnswerKeyAgreement = iota + 1
	pinAnswerToken
	pinAnswerRetries
	pinAnswerPowerCycle
	pinAnswerUVRetries
)
