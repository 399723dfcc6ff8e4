package ctapdoc

var protocols = Table{"PIN/UV auth protocols", "Sections of CTAP 2.3.", []Row{
	{"PIN/UV auth protocol one", "§6.5.6", "ctap/pinuv/protocol.go", tests("ctap/pinuv: TestPlatformVectors TestAuthenticatorVectors TestBlockLengths TestVerify", "authenticator: TestSetPINSteps TestGetInfoClaims"), nil, ""},
	{"PIN/UV auth protocol two", "§6.5.7", "ctap/pinuv/protocol.go", tests("ctap/pinuv: TestPlatformVectors TestAuthenticatorVectors TestDerive TestPRFVectors", "authenticator: TestSetPINSteps"), nil, ""},
	{"key agreement", "§6.5.6", "ctap/pinuv/keyagreement.go", tests("ctap/pinuv: TestKeysNotToAgreeWith TestAlgorithmLabel FuzzDecapsulate"), nil, ""},
	{"what each command authenticates", "§6.5 to §6.11", "ctap/pinuv/message.go", tests("ctap/pinuv: TestMessages TestMessagesAreTheirOwn", "authenticator: TestManagementAuthenticatesItsParameters TestConfigAuthenticatesItsParameters"), nil, ""},
	{"state of the pinUvAuthToken", "§6.5.2.1", "authenticator/token.go", device("TestTokenTimers TestFailedUseDoesNotCount TestTokenRemembersPresence TestOneTokenAtATime TestCeremoniesSpendTheToken"), nil, ""},
	{"persistentPinUvAuthToken", "§6.5.2.2", "authenticator/pintoken.go", device("TestPersistentToken TestManagementByPersistentToken TestPINMustChange"), nil, ""},
	{"retries of the PIN", "§6.5.2.3", "authenticator/pinretries.go", device("TestPINRetries TestPINMissIsStoredBeforeTheAnswer TestPINMissRegeneratesTheKey TestLastMissOutweighsTheThird"), nil, ""},
	{"retries of built-in user verification", "§6.5.2.3", "authenticator/verification.go", device("TestUVRetries TestBlockedPINBlocksUV TestPINUnblocksUV"), nil, ""},
	{"performBuiltInUv", "§6.5.3.1", "authenticator/verification.go", device("TestUVRetries TestVerificationWithoutPresence TestNoGestureIsNoConsent"), nil, ""},
	{"PIN length in code points", "§6.5.1", "authenticator/setpin.go", device("TestSetPINSteps TestGetInfoLimits"), nil, ""},
}}

var permissions = Table{"Permissions", "Of a pinUvAuthToken (CTAP 2.3 §6.5.5.7).", []Row{
	{"0x01 mc, and its RP ID", "§6.1.2", "authenticator/pinuvauth.go", device("TestMakeCredentialWithTokens TestTokenIsBoundToAnRPID TestCeremoniesSpendTheToken"), names("PermissionMakeCredential"), ""},
	{"0x02 ga, and its RP ID", "§6.2.2", "authenticator/pinuvauth.go", device("TestGetAssertionWithTokens TestTokenIsBoundToAnRPID TestCeremoniesSpendTheToken"), names("PermissionGetAssertion"), ""},
	{"0x04 cm", "§6.8", "authenticator/credentialmanagement.go", device("TestCredentialManagementSteps TestManagementByBoundToken"), names("PermissionCredentialManagement"), ""},
	{"0x08 be", "§6.7", "authenticator/bioenrollment.go", device("TestBioEnrollmentSteps"), names("PermissionBioEnrollment"), ""},
	{"0x10 lbw", "§6.10.2", "authenticator/largeblobswrite.go", device("TestLargeBlobsSteps TestCeremoniesSpendTheToken"), names("PermissionLargeBlobWrite"), ""},
	{"0x20 acfg", "§6.11", "authenticator/config.go", device("TestConfigSteps"), names("PermissionAuthenticatorConfig"), ""},
	{"0x40 pcmr", "§6.5.2.2", "authenticator/pintoken.go", device("TestPersistentToken TestManagementByPersistentToken"), names("PermissionPersistentReadOnly"), ""},
}}

var rules = Table{"State, time and power", "Sections of CTAP 2.3.", []Row{
	{"one request at a time", "§8", "authenticator/authenticator.go", device("TestOneRequestAtATime TestManyCallersAtOnce"), nil, ""},
	{"stateful sequences", "§6 items 2 and 3", "authenticator/commands.go", device("TestGetNextAssertionWithoutState TestEnumerationEnds TestLargeBlobWriteEnds TestSequenceEndsWithItsToken TestU2FTakesTurns"), nil, ""},
	{"the platform cancels", "§11.2.9.1.5", "authenticator/power.go", device("TestCancelDuringPrompt TestCancelWhileBeingTold"), nil, ""},
	{"a power cycle", "§6.5.3", "authenticator/session.go", device("TestPowerCycleEndsThePrompt TestPINRetries TestResetWindow"), nil, ""},
	{"the power goes during a write", "§6.5.2.3", "authenticator/filestore.go", device("TestPowerCutAtEveryWriteOfADevice TestPowerCutAtEveryWriteOfManagement TestFileStoreWithoutPower TestFileStoreSurvivesKill"), nil, ""},
	{"10 s for a reset after power-up", "§6.6", "authenticator/reset.go", device("TestResetWindow"), nil, ""},
	{"a long touch for a reset", "§7.7", "authenticator/reset.go", device("TestEnableLongTouchForReset TestGetInfoClaims"), nil, ""},
	{"alwaysUv in ceremonies", "§7.2", "authenticator/makecredential.go", device("TestMakeCredentialWithTokens TestGetAssertionWithTokens TestToggleAlwaysUv TestU2FUnderAlwaysUv"), nil, ""},
	{"discoverable credentials replace each other", "§6.1.2 step 17", "authenticator/keep.go", device("TestDiscoverableCredentialsAreReplacedAndLimited"), nil, ""},
	{"non-discoverable credentials, wrapped or stored", "§6.1.2 step 18", "authenticator/wrap.go", device("TestWrapRefusesWhatDoesNotFit TestStoredCredentialsAreNotManaged TestWrappedCredentialsCanBeExported"), nil, ""},
	{"signature counters", "WebAuthn L3 §6.1.1", "authenticator/keep.go", device("TestCounters TestU2FCountsWithCTAP2 TestSetSignCount"), nil, ""},
	{"flags BE and BS", "WebAuthn L3 §6.1.3", "authenticator/credential.go", device("TestMakeCredentialResponse TestGetAssertionResponse TestVectorsAreReproduced"), nil, ""},
	{"names cut at code points", "§6.1.2", "authenticator/user.go", device("TestNamesAreCutAtCodePoints"), nil, ""},
	{"a display lets the user choose", "§6.2.2 step 12", "authenticator/getassertion.go", device("TestDisplayLetsTheUserChoose TestImpossibleChoiceIsRefused"), nil, ""},
	{"credential store state", "§6.4, member 0x1E", "authenticator/identity.go", device("TestDeleteCredential TestUpdateUserInformation TestManagementByPersistentToken"), nil, ""},
}}
