package clients

// Keys of members (CTAP 2.3 §6), in requests and in answers.
const (
	mcClientDataHash = iota + 1
	mcRP
	mcUser
	mcParams
	mcExclude
	mcExtensions
	mcOptions
	mcPinUvAuthParam
	mcPinUvAuthProtocol
	mcEnterprise
	mcFormats
)

const (
	gaRPID = iota + 1
	gaClientDataHash
	gaAllow
	gaExtensions
	gaOptions
	gaPinUvAuthParam
	gaPinUvAuthProtocol
)

const (
	madeFormat = iota + 1
	madeAuthData
	madeStatement
	madeEnterprise
	madeBlobKey
	madeUnsigned
)

const (
	gotCredential = iota + 1
	gotAuthData
	gotSignature
	gotUser
	gotNumber
	gotUserSelected
	gotBlobKey
	gotUnsigned
)

const (
	infoVersions           = 0x01
	infoExtensions         = 0x02
	infoAAGUID             = 0x03
	infoOptions            = 0x04
	infoMaxMsgSize         = 0x05
	infoProtocols          = 0x06
	infoMaxCount           = 0x07
	infoMaxIDLength        = 0x08
	infoTransports         = 0x09
	infoAlgorithms         = 0x0A
	infoMaxBlobs           = 0x0B
	infoForcePINChange     = 0x0C
	infoMinPIN             = 0x0D
	infoMaxCredBlob        = 0x0F
	infoCertifications     = 0x13
	infoAttestationFormats = 0x16
	pinProtocol            = 0x01
	pinSubCommand          = 0x02
	pinKeyAgreement        = 0x03
	pinAuthParam           = 0x04
	pinNewEnc              = 0x05
	pinHashEnc             = 0x06
	pinPermissions         = 0x09
	pinRPID                = 0x0A
	pinAnswerKey           = 0x01
	pinAnswerToken         = 0x02
	pinAnswerRetries       = 0x03
	pinAnswerPowerCycle    = 0x04
	pinAnswerUVRetries     = 0x05
	blobGet                = 0x01
	blobSet                = 0x02
	blobOffset             = 0x03
	blobLength             = 0x04
	blobAuthParam          = 0x05
	blobAuthProtocol       = 0x06
	blobConfig             = 0x01
	subGetPINRetries       = 0x01
	subGetKeyAgreement     = 0x02
	subSetPIN              = 0x03
	subChangePIN           = 0x04
	subGetPINToken         = 0x05
	subGetTokenByUV        = 0x06
	subGetUVRetries        = 0x07
	subGetTokenByPIN       = 0x09
	permissionMake         = 0x01
	permissionGet          = 0x02
	permissionWriteBlobs   = 0x10
	algES256               = -7
	algKeyAgreement        = -25
	tokenSize              = 32
)

// Flags of authenticator data (WebAuthn L3 §6.1).
const (
	flagUP = 0x01
	flagUV = 0x04
	flagAT = 0x40
	flagED = 0x80
)
