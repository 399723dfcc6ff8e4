package ctapdoc

var extensions = Table{"Extensions of the device", "CTAP 2.3 §12. On every device TestGetInfoClaims asks for each, listed or not.", []Row{
	{"credProtect", "§12.1", "authenticator/credprotect.go", device("TestCredProtectLevels TestCredProtectHidesCredentials TestCredProtectLeavesTheOthers TestCredProtectExcludes"), names("ExtensionCredProtect"), ""},
	{"credBlob", "§12.2", "authenticator/credblob.go", device("TestCredBlob TestCredBlobOfEachAccount TestGetInfoLimits"), names("ExtensionCredBlob"), ""},
	{"largeBlobKey", "§12.3", "authenticator/largeblobkey.go", device("TestLargeBlobKey TestLargeBlobKeyRefusals"), names("ExtensionLargeBlobKey"), ""},
	{"largeBlob", "§12.4", "authenticator/largeblobextension.go", device("TestLargeBlob TestLargeBlobRefusals TestLargeBlobSupport TestLargeBlobOfEachAccount"), names("ExtensionLargeBlob"), ""},
	{"minPinLength", "§12.5", "authenticator/minpinlength.go", device("TestPINRulesAreToldToSome"), names("ExtensionMinPINLength"), ""},
	{"pinComplexityPolicy", "§12.6", "authenticator/pincomplexitypolicy.go", device("TestPINRulesAreToldToSome"), names("ExtensionPINComplexityPolicy"), ""},
	{"hmac-secret", "§12.7", "authenticator/hmacsecret.go", device("TestHMACSecret TestHMACSecretRefusals TestHMACSecretNeedsPresence TestHMACSecretOfEachAccount TestPRFVectorsAreReproduced"), names("ExtensionHMACSecret"), ""},
	{"hmac-secret-mc", "§12.8", "authenticator/hmacsecretmc.go", device("TestHMACSecretMC TestHMACSecretMCNeedsHMACSecret"), names("ExtensionHMACSecretMC"), ""},
	{"thirdPartyPayment", "§12.9", "authenticator/thirdpartypayment.go", device("TestThirdPartyPayment"), names("ExtensionThirdPartyPayment"), ""},
	{"uvm", "WebAuthn L2 §10.3", "authenticator/uvm.go", device("TestUVM TestUVMAtCreation"), names("ExtensionUVM"), ""},
	{"inputs of another type, unknown extensions", "§8, §12", "authenticator/extension.go", device("TestExtensionInputTypes TestExtensionMemberTypes TestExtensionsSayNothingUnasked TestUnknownExtensionsAreIgnored FuzzExtensionInputs"), nil, ""},
}}

var clientExtensions = Table{"Extensions of the client", "What a page may ask for (WebAuthn L3 §10, CTAP 2.3 §12).", []Row{
	{"appid (client)", "WebAuthn L3 §10.1.1", "client/appid.go", tests("client: TestAppID TestAppIDOfNobody"), nil, ""},
	{"appidExclude (client)", "WebAuthn L3 §10.1.2", "client/appid.go", tests("client: TestAppIDExclude"), nil, ""},
	{"credProps (client)", "WebAuthn L3 §10.1.3", "client/credprops.go", tests("client: TestCredProps"), nil, ""},
	{"prf (client)", "WebAuthn L3 §10.1.4", "client/prf.go", tests("client: TestPRFInCreate TestPRFInGet TestPRFOfSeveralAccounts TestPRFVectors TestPRFExamples"), nil, ""},
	{"largeBlob (client)", "WebAuthn L3 §10.1.5", "client/largeblob.go", tests("client: TestLargeBlobs TestLargeBlobSupport TestLargeBlobNeedsRoom TestLargeBlobFragments FuzzLargeBlobArray"), nil, ""},
	{"remoteClientDataJSON (client)", "WebAuthn L3 §10.1.6", "", nil, nil, "A draft behind a permission that no browser gives to pages (docs/decisions/006-client.md)."},
	{"credentialProtectionPolicy, enforceCredentialProtectionPolicy (client)", "§12.1", "client/credprotect.go", tests("client: TestCredProtect TestProtectByDefault"), nil, ""},
	{"credBlob, getCredBlob (client)", "§12.2", "client/credblob.go", tests("client: TestSmallExtensions TestGetCredBlob"), nil, ""},
	{"minPinLength (client)", "§12.5", "client/minpinlength.go", tests("client: TestSmallExtensions"), nil, ""},
	{"pinComplexityPolicy (client)", "§12.6", "", nil, nil, "No page can ask a browser for it. Devices have it for platforms that speak CTAP."},
	{"payment (client)", "Secure Payment Confirmation", "client/payment.go", tests("client: TestFaultyExtensions TestSmallExtensions"), nil, "In create() only: an assertion for a payment is made by the payment handler of a browser, and this client has none."},
	{"hmacCreateSecret, hmacGetSecret (client)", "§12.7", "", nil, nil, "Not for the web: pages get prf instead (docs/decisions/006-client.md)."},
	{"uvm (client)", "WebAuthn L2 §10.3", "", nil, nil, "Gone from WebAuthn L3. Devices can still have it."},
	{"every extension on every model, from the page's side", "WebAuthn L3 §9", "client/extensions.go", tests("client: TestExtensionsOfOurAuthenticators TestFaultyExtensions TestOutputsUnasked TestGetIgnoresUnknownExtensions"), nil, ""},
}}
