package ctapdoc

var commands = Table{"Commands", "Sections of CTAP 2.3.", []Row{
	{"0x01 authenticatorMakeCredential", "§6.1", "authenticator/makecredential.go", tests("authenticator: TestMakeCredentialSteps TestMakeCredentialResponse TestMakeCredentialWithTokens TestExcludeList", "ctap: TestDecodeRequest TestMembersOfEveryRequest"), names("CommandMakeCredential"), ""},
	{"0x02 authenticatorGetAssertion", "§6.2", "authenticator/getassertion.go", tests("authenticator: TestGetAssertionSteps TestGetAssertionResponse TestGetAssertionWithTokens TestAllowList", "ctap: TestMembersOfEveryRequest"), names("CommandGetAssertion"), ""},
	{"0x08 authenticatorGetNextAssertion", "§6.3", "authenticator/getnextassertion.go", device("TestGetNextAssertion TestGetNextAssertionWithoutState TestSequenceEndsWithItsToken"), names("CommandGetNextAssertion"), ""},
	{"0x04 authenticatorGetInfo", "§6.4", "authenticator/getinfo.go", device("TestGetInfoIsTheTruth TestGetInfoClaims TestGetInfoCouplings TestGetInfoChanges"), names("CommandGetInfo"), ""},
	{"0x06 authenticatorClientPIN", "§6.5", "authenticator/clientpin.go", device("TestCeremoniesByPIN TestTokenSteps TestSetPINSteps TestChangePINSteps"), names("CommandClientPIN"), ""},
	{"0x07 authenticatorReset", "§6.6", "authenticator/reset.go", device("TestResetWindow TestCancelDuringPrompt TestGetInfoChanges"), names("CommandReset"), ""},
	{"0x09 authenticatorBioEnrollment", "§6.7", "authenticator/bioenrollment.go", device("TestBioEnrollmentSteps TestEnrolAFinger"), names("CommandBioEnrollment"), ""},
	{"0x0A authenticatorCredentialManagement", "§6.8", "authenticator/credentialmanagement.go", device("TestCredentialManagementSteps TestUnknownManagement"), names("CommandCredentialManagement"), ""},
	{"0x0B authenticatorSelection", "§6.9", "authenticator/selection.go", tests("authenticator: TestSelection", "client: TestSelectionByTouch"), names("CommandSelection"), ""},
	{"0x0C authenticatorLargeBlobs", "§6.10", "authenticator/largeblobs.go", device("TestLargeBlobsSteps TestLargeBlobWrite TestLargeBlobIntegrity TestLargeBlobWriteEnds FuzzLargeBlobs"), names("CommandLargeBlobs"), ""},
	{"0x0D authenticatorConfig", "§6.11", "authenticator/config.go", device("TestConfigSteps TestConfigHasWhatIsListed"), names("CommandConfig"), ""},
	{"0x40 authenticatorBioEnrollment, preview", "CTAP 2.1 drafts", "authenticator/bioenrollment.go", device("TestBioEnrollmentPreview"), names("CommandBioEnrollmentPreview"), ""},
	{"0x41 authenticatorCredentialManagement, preview", "CTAP 2.1 drafts", "authenticator/credentialmanagement.go", device("TestManagementPreview TestManagementPreviewWithoutPermissions"), names("CommandCredentialManagementPreview"), ""},
	{"unknown commands, and those that a model lacks", "§8.1", "authenticator/commands.go", device("TestExchangeRefusesWhatIsNoRequest TestGetInfoClaims"), nil, ""},
	{"canonical CBOR, read strictly", "§8", "internal/canon/check.go", tests("internal/canon: TestCheck TestReadRefusesBadForm FuzzCheck FuzzRead", "ctap: FuzzDecodeRequest TestMembersOfEveryRequest", "authenticator: TestMembersOutOfBounds"), nil, ""},
	{"status codes", "§8.2", "ctap/status.go", tests("ctap: TestStatusOf TestErrorResponseIsOneByte", "authenticator: TestEveryErrorHasAStatus"), nil, ""},
}}

var pinSubcommands = Table{"Subcommands of authenticatorClientPIN", "Sections of CTAP 2.3.", []Row{
	{"0x01 getPINRetries", "§6.5.5.2", "authenticator/clientpin.go", device("TestPINRetries TestLastMissOutweighsTheThird"), names("GetPINRetries"), ""},
	{"0x02 getKeyAgreement", "§6.5.5.4", "authenticator/clientpin.go", device("TestGetInfoClaims TestPINMissRegeneratesTheKey"), names("GetKeyAgreement"), ""},
	{"0x03 setPIN", "§6.5.5.5", "authenticator/setpin.go", device("TestSetPINSteps TestNewPINOfAnotherLength"), names("SetPIN"), ""},
	{"0x04 changePIN", "§6.5.5.6", "authenticator/setpin.go", device("TestChangePINSteps TestChangePINNeedsAPIN TestChangePINResetsTokens"), names("ChangePIN"), ""},
	{"0x05 getPinToken", "§6.5.5.7.1", "authenticator/pintoken.go", device("TestTokenSteps TestForcedChangeRefusesTokens"), names("GetPINToken"), ""},
	{"0x06 getPinUvAuthTokenUsingUvWithPermissions", "§6.5.5.7.3", "authenticator/pintoken.go", device("TestTokenSteps TestPINUnblocksUV TestGetInfoClaims"), names("GetPinUvAuthTokenUsingUvWithPermissions"), ""},
	{"0x07 getUVRetries", "§6.5.5.3", "authenticator/clientpin.go", device("TestPINUnblocksUV TestGetInfoClaims"), names("GetUVRetries"), ""},
	{"0x09 getPinUvAuthTokenUsingPinWithPermissions", "§6.5.5.7.2", "authenticator/pintoken.go", device("TestTokenSteps TestForcedChangeRefusesTokens"), names("GetPinUvAuthTokenUsingPinWithPermissions"), ""},
}}

var credentialSubcommands = Table{"Subcommands of authenticatorCredentialManagement", "Sections of CTAP 2.3.", []Row{
	{"0x01 getCredsMetadata", "§6.8.2", "authenticator/credentialmanagement.go", device("TestMetadataCountsDiscoverableCredentials TestCredentialManagementSteps"), names("GetCredsMetadata"), ""},
	{"0x02 enumerateRPsBegin", "§6.8.3", "authenticator/credentialenumeration.go", device("TestEnumeration TestManagementByBoundToken"), names("EnumerateRPsBegin"), ""},
	{"0x03 enumerateRPsGetNextRP", "§6.8.3", "authenticator/credentialenumeration.go", device("TestEnumeration TestEnumerationEnds"), names("EnumerateRPsGetNextRP"), ""},
	{"0x04 enumerateCredentialsBegin", "§6.8.4", "authenticator/credentialenumeration.go", device("TestEnumeration TestEnumerationTellsExtras TestManagementByBoundToken"), names("EnumerateCredentialsBegin"), ""},
	{"0x05 enumerateCredentialsGetNextCredential", "§6.8.4", "authenticator/credentialenumeration.go", device("TestEnumeration TestEnumerationEnds"), names("EnumerateCredentialsGetNextCredential"), ""},
	{"0x06 deleteCredential", "§6.8.5", "authenticator/credentialupdate.go", device("TestDeleteCredential TestStoredCredentialsAreNotManaged"), names("DeleteCredential"), ""},
	{"0x07 updateUserInformation", "§6.8.6", "authenticator/credentialupdate.go", device("TestUpdateUserInformation"), names("UpdateUserInformation"), ""},
	{"long RP IDs cut short", "§6.8.7", "", nil, nil, "A MAY for devices short of memory. Ours stores RP IDs whole and so tells them whole."},
}}

var bioSubcommands = Table{"Subcommands of authenticatorBioEnrollment", "Sections of CTAP 2.3.", []Row{
	{"0x01 enrollBegin", "§6.7.4", "authenticator/enrolment.go", device("TestEnrolAFinger TestOneSampleIsEnough TestCaptureFails"), names("EnrollBegin"), ""},
	{"0x02 enrollCaptureNextSample", "§6.7.4", "authenticator/enrolment.go", device("TestEnrolAFinger TestBadSamples TestCaptureTimeout"), names("EnrollCaptureNextSample"), ""},
	{"0x03 cancelCurrentEnrollment", "§6.7.5", "authenticator/enrolment.go", device("TestEnrolmentEnds"), names("CancelCurrentEnrollment"), ""},
	{"0x04 enumerateEnrollments", "§6.7.6", "authenticator/templates.go", device("TestTemplates TestUnnamedTemplate TestTemplatesFitTheirAnswer"), names("EnumerateEnrollments"), ""},
	{"0x05 setFriendlyName", "§6.7.7", "authenticator/templates.go", device("TestTemplates"), names("SetFriendlyName"), ""},
	{"0x06 removeEnrollment", "§6.7.8", "authenticator/templates.go", device("TestTemplates TestFingersAreErased"), names("RemoveEnrollment"), ""},
	{"0x07 getFingerprintSensorInfo", "§6.7.3", "authenticator/bioenrollment.go", device("TestBioEnrollmentQuestions"), names("GetFingerprintSensorInfo"), ""},
	{"getModality", "§6.7.2", "authenticator/bioenrollment.go", device("TestBioEnrollmentQuestions"), nil, ""},
}}

var configSubcommands = Table{"Subcommands of authenticatorConfig", "Sections of CTAP 2.3.", []Row{
	{"0x01 enableEnterpriseAttestation", "§6.11.1", "authenticator/config.go", device("TestEnableEnterpriseAttestation TestGetInfoClaims"), names("EnableEnterpriseAttestation"), ""},
	{"0x02 toggleAlwaysUv", "§6.11.2", "authenticator/config.go", device("TestToggleAlwaysUv TestAlwaysUvForGood TestConfigWithoutVerification"), names("ToggleAlwaysUv"), ""},
	{"0x03 setMinPINLength", "§6.11.4", "authenticator/setminpinlength.go", device("TestSetMinPINLengthSteps TestSetMinPINLength TestPINMustChange TestMinPINLengthRPIDs TestPINComplexityPolicy"), names("SetMinPINLength"), ""},
	{"0x04 enableLongTouchForReset", "§6.11.5", "authenticator/config.go", device("TestEnableLongTouchForReset"), names("EnableLongTouchForReset"), ""},
	{"0xFF vendorPrototype", "§6.11.3", "authenticator/config.go", device("TestVendorPrototype"), names("VendorPrototype"), ""},
}}
