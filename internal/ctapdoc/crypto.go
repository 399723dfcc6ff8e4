package ctapdoc

// signing is what holds each algorithm, and what holds one of them besides.
func signing(more string) []Test {
	return device("TestEveryAlgorithm TestSeedsGiveTheSameKeysForEver TestGetInfoClaims " + more)
}

func algorithm(name string) []string { return []string{"webauthn." + name} }

var algorithms = Table{"Algorithms", "Of credential keys (WebAuthn L3 §5.8.5; IANA COSE Algorithms).", []Row{
	{"ES256 (-7)", "RFC 9053 §2.1", "authenticator/ecdsakeys.go", signing("TestVectorsAreReproduced"), algorithm("ES256"), ""},
	{"ESP256 (-9)", "RFC 9864", "authenticator/ecdsakeys.go", signing(""), algorithm("ESP256"), ""},
	{"ES384 (-35)", "RFC 9053 §2.1", "authenticator/ecdsakeys.go", signing("TestVectorsAreReproduced"), algorithm("ES384"), ""},
	{"ESP384 (-51)", "RFC 9864", "authenticator/ecdsakeys.go", signing(""), algorithm("ESP384"), ""},
	{"ES512 (-36)", "RFC 9053 §2.1", "authenticator/ecdsakeys.go", signing("TestVectorsAreReproduced"), algorithm("ES512"), ""},
	{"ESP512 (-52)", "RFC 9864", "authenticator/ecdsakeys.go", signing(""), algorithm("ESP512"), ""},
	{"ES256K (-47)", "RFC 8812 §3.2", "authenticator/secp256k1keys.go", signing(""), algorithm("ES256K"), ""},
	{"EdDSA (-8)", "RFC 9053 §2.2", "authenticator/eddsakeys.go", signing("TestVectorsAreReproduced"), algorithm("EdDSA"), ""},
	{"Ed25519 (-19)", "RFC 9864", "authenticator/eddsakeys.go", signing(""), algorithm("Ed25519"), ""},
	{"Ed448 (-53)", "RFC 9864", "authenticator/eddsakeys.go", signing("TestVectorsAreReproduced"), algorithm("Ed448"), ""},
	{"RS256 (-257)", "RFC 8812 §2", "authenticator/rsakeys.go", signing("TestVectorsAreReproduced TestRSAPrimes"), algorithm("RS256"), ""},
	{"PS256 (-37)", "RFC 8230 §2", "authenticator/rsakeys.go", signing("TestPSSSaltIsDerived"), algorithm("PS256"), ""},
	{"ML-DSA-44 (-48)", "RFC 9964", "authenticator/mldsakeys.go", signing(""), algorithm("MLDSA44"), ""},
	{"ML-DSA-65 (-49)", "RFC 9964", "authenticator/mldsakeys.go", signing(""), algorithm("MLDSA65"), ""},
	{"ML-DSA-87 (-50)", "RFC 9964", "authenticator/mldsakeys.go", signing(""), algorithm("MLDSA87"), ""},
	{"RS1 (-65535)", "RFC 8812 §2", "attestation/key.go", tests("attestation: TestTPMDefects"), algorithm("RS1"), "TPMs attest with it; no device makes credentials with it."},
	{"RS384, RS512, PS384, PS512", "RFC 8812 §2, RFC 8230 §2", "", nil, nil, "No device makes credentials with them."},
}}

var attestation = Table{"Attestation", "Sections of WebAuthn L3 §8 and of CTAP 2.3.", []Row{
	{"packed, self attestation", "WebAuthn L3 §8.2", "authenticator/attest.go", device("TestMakeCredentialResponse TestGoWebauthnVerifies TestVectorsAreReproduced"), []string{"webauthn.FormatPacked"}, ""},
	{"packed, by a key of the maker", "WebAuthn L3 §8.2", "authenticator/attest.go", device("TestEnterpriseAttestation TestAttestationFormats"), nil, ""},
	{"fido-u2f", "WebAuthn L3 §8.6", "authenticator/attest.go", device("TestU2FAttestation TestGoWebauthnVerifiesFIDOU2F TestAttestationFormats"), []string{"webauthn.FormatFIDOU2F"}, ""},
	{"none", "WebAuthn L3 §8.7", "authenticator/attest.go", device("TestAttestationFormats TestVectorsAreReproduced"), []string{"webauthn.FormatNone"}, ""},
	{"tpm", "WebAuthn L3 §8.3", "attestation/tpm.go", tests("attestation: TestTPMStatementsAreAccepted TestTPMVectorIsReproduced", "authenticator: TestAttesters"), []string{"webauthn.FormatTPM"}, ""},
	{"android-key", "WebAuthn L3 §8.4", "attestation/androidkey.go", tests("attestation: TestStatementsAreWhole TestGoWebauthnAccepts TestVectorsAreReproduced", "authenticator: TestAttesters"), []string{"webauthn.FormatAndroidKey"}, ""},
	{"android-safetynet", "WebAuthn L3 §8.5", "attestation/safetynet.go", tests("attestation: TestStatementsAreWhole TestGoWebauthnAccepts TestDistributionPoints", "authenticator: TestAttesters"), []string{"webauthn.FormatAndroidSafetyNet"}, ""},
	{"apple", "WebAuthn L3 §8.8", "attestation/apple.go", tests("attestation: TestStatementsAreWhole TestGoWebauthnAccepts TestVectorsAreReproduced", "authenticator: TestAttesters"), []string{"webauthn.FormatApple"}, ""},
	{"compound", "WebAuthn L3 §8.9", "attestation/compound.go", tests("attestation: TestStatementsAreWhole TestGoWebauthnAccepts TestDefectsHaveOneEffect", "authenticator: TestAttesters"), []string{"webauthn.FormatCompound"}, ""},
	{"enterprise attestation", "§6.1.2 step 9, §7.1", "authenticator/enterprise.go", tests("authenticator: TestEnterpriseAttestation TestEnableEnterpriseAttestation", "client: TestEnterpriseAttestation"), nil, ""},
	{"attestationFormatsPreference of makeCredential", "§6.1.2 step 19", "authenticator/attest.go", tests("authenticator: TestAttestationFormats TestGetInfoClaims", "client: TestAttestationFormatsPreference"), nil, ""},
	{"attestation in assertions", "WebAuthn L3 §6.5", "", nil, nil, "CTAP 2.3 has no parameter for it in getAssertion, and no device returns any."},
	{"attestation conveyance", "WebAuthn L3 §5.4.7", "client/conveyance.go", tests("client: TestAttestationConveyance"), nil, ""},
}}
