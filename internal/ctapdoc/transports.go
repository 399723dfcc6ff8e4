package ctapdoc

var u2f = Table{"U2F (CTAP1)", "FIDO U2F Raw Message Formats; §10 and §7.2.4 of CTAP 2.3.", []Row{
	{"U2F_REGISTER, 0x01", "§4", "authenticator/u2fregister.go", tests("authenticator: TestU2FCeremonies TestU2FAttestation TestGoWebauthnVerifiesU2FRegistration", "ctap/u2f: TestDecodeRequest TestResponses"), []string{"ctap/u2f.InstructionRegister"}, ""},
	{"U2F_AUTHENTICATE, 0x02", "§5", "authenticator/u2fauthenticate.go", device("TestU2FCeremonies TestU2FKeyHandles TestU2FPolls"), []string{"ctap/u2f.InstructionAuthenticate"}, ""},
	{"U2F_VERSION, 0x03", "§6", "authenticator/u2f.go", device("TestU2FTakesTurns TestWithoutU2F TestU2FUnderAlwaysUv"), []string{"ctap/u2f.InstructionVersion"}, ""},
	{"control byte: enforce, check only, do not enforce", "§5.1", "authenticator/u2fauthenticate.go", device("TestU2FCeremonies TestU2FKeyHandles TestU2FRefusesBadCommands"), nil, ""},
	{"short and extended APDUs, status words", "§3", "internal/apdu/apdu.go", tests("internal/apdu: TestParse TestResponse FuzzParse", "ctap/u2f: TestDecodeRequestRefuses FuzzDecodeRequest", "authenticator: FuzzExchangeAPDU"), nil, ""},
	{"U2F and CTAP2 share credentials and counters", "CTAP 2.3 §10", "authenticator/u2f.go", device("TestU2FAndCTAP2ShareCredentials TestU2FCountsWithCTAP2"), nil, ""},
	{"no U2F under alwaysUv", "CTAP 2.3 §7.2.4", "authenticator/u2f.go", device("TestU2FUnderAlwaysUv TestGetInfoClaims"), nil, ""},
	{"the client registers by U2F", "CTAP 2.3 §10.2", "client/u2fregister.go", tests("client: TestU2FCreate TestU2FWithOurAuthenticator TestU2FSparesThePIN TestU2FWhereGetInfoFails FuzzU2FAuthenticator"), nil, ""},
	{"the client authenticates by U2F", "CTAP 2.3 §10.3", "client/u2fauthenticate.go", tests("client: TestU2FGet TestU2FWithOurAuthenticator TestU2FPolls TestU2FPollsNoLonger TestU2FAbort TestU2FAmongOthers"), nil, ""},
}}

var hid = Table{"CTAPHID", "Sections of CTAP 2.3.", []Row{
	{"CTAPHID_PING", "§11.2.9.1.4", "ctap/hid/transaction.go", tests("ctap/hid: TestCommands TestPingThroughReportsOfAnySize", "transport/socket: TestReportSizes"), nil, ""},
	{"CTAPHID_MSG", "§11.2.9.1.1", "ctap/hid/transaction.go", tests("ctap/hid: TestCommands TestCapabilities", "transport: TestWhatADeviceHasIsServed"), nil, ""},
	{"CTAPHID_INIT, channels", "§11.2.9.1.3", "ctap/hid/init.go", tests("ctap/hid: TestCommands TestOpening TestSynchronising TestChannelsGiveWay TestChannelNumbersWrapAround", "transport: TestFloodOfInit"), nil, ""},
	{"CTAPHID_CBOR", "§11.2.9.1.2", "ctap/hid/transaction.go", tests("ctap/hid: TestTransactions", "transport: TestRequestsPassThrough", "transport/socket: TestAnswersOfMLDSA"), nil, ""},
	{"CTAPHID_CANCEL", "§11.2.9.1.5", "ctap/hid/transaction.go", tests("ctap/hid: TestTransactions", "transport: TestCancelling TestCancellingInVain"), nil, ""},
	{"CTAPHID_KEEPALIVE", "§11.2.9.1.7", "transport/hidserver.go", tests("ctap/hid: TestCommands", "transport: TestKeepalives", "transport/socket: TestKeepalivesOnAStream TestAwaitingATouch"), nil, ""},
	{"CTAPHID_ERROR", "§11.2.9.1.6", "ctap/hid/words.go", tests("ctap/hid: TestTransactions TestCommands"), nil, ""},
	{"CTAPHID_WINK, CTAPHID_LOCK", "§11.2.9.2", "ctap/hid/transaction.go", tests("ctap/hid: TestCommands TestCapabilities", "transport: TestWhatADeviceHasIsServed", "transport/socket: TestLocking", "cmd/passkeylab: TestDeviceControl"), nil, ""},
	{"report descriptor", "§11.2.8.1", "ctap/hid/descriptor.go", tests("ctap/hid: TestDescriptor TestReadDescriptor FuzzReadDescriptor", "transport/hidraw: TestListing TestAVirtualKey"), nil, ""},
	{"power-up forgets channels and locks", "§11.2.3", "transport/hidpower.go", tests("transport: TestPowerCycle", "transport/socket: TestRebootByDatagram"), nil, ""},
	{"packets, transactions and their time", "§11.2.4, §11.2.5", "ctap/hid/packet.go", tests("ctap/hid: TestSplit TestTransactions TestDeadlines TestLateAnswers FuzzDevice FuzzInterleavedChannels", "transport: FuzzHIDServer"), nil, ""},
}}

var hybrid = Table{"Hybrid transports", "§11.5 of CTAP 2.3. Its text was not at hand; rows are named after what implementations agree on.", []Row{
	{"QR code", "§11.5", "ctap/hybrid/qr.go", tests("ctap/hybrid: TestQRCodesOfVectors TestParseQR TestQRPrefix TestDigits FuzzQR FuzzDigits", "transport/hybrid: TestCodesThatAreNone TestClocksThatDiffer"), nil, ""},
	{"key derivation", "§11.5", "ctap/hybrid/keys.go", tests("ctap/hybrid: TestDerivationsOfVectors TestAdvertsOfVectors TestOwner TestKeysAreDrawn"), nil, ""},
	{"advert (EID)", "§11.5", "ctap/hybrid/advert.go", tests("ctap/hybrid: TestAdvertsOfVectors TestAdvert TestTrialDecryption TestLinkedAdverts FuzzAdvert", "transport/hybrid: TestAdvertsOfOthers TestSeveralInOneRoom"), nil, ""},
	{"tunnel domains, assigned and hashed", "§11.5", "ctap/hybrid/domain.go", tests("ctap/hybrid: TestDomainsOfVectors TestKnownDomains"), nil, ""},
	{"handshake after a QR code (KNpsk0)", "§11.5", "ctap/hybrid/handshake.go", tests("ctap/hybrid: TestHandshakesOfVectors TestHandshakeBetweenStrangers TestHandshakeAnswers FuzzHandshake"), nil, ""},
	{"handshake with a linked phone (NKpsk0)", "§11.5", "ctap/hybrid/handshake.go", tests("ctap/hybrid: TestHandshakesOfVectors TestHandshakeBetweenStrangers", "transport/hybrid: TestWrongLinks"), nil, ""},
	{"encryption and padding of messages", "§11.5", "ctap/hybrid/session.go", tests("ctap/hybrid: TestSessionsOfVectors TestSession TestMessagesOutOfOrder TestLongestMessage TestKeysAreUsedUp TestForeignPadding FuzzOpen"), nil, "Not the form of before 2022, with a byte of additional data."},
	{"first message, revisions 1 and 0", "§11.5", "ctap/hybrid/hello.go", tests("ctap/hybrid: TestHellosOfVectors TestHello TestHelloPadding TestBrokenHellos FuzzHello", "transport/hybrid: TestWhatAPhoneSaysItIs TestOtherDevicesInATunnel TestPhonesOfRevision0"), nil, "Our phone speaks revision 1."},
	{"frames: CTAP, update, shutdown", "§11.5", "ctap/hybrid/frame.go", tests("ctap/hybrid: TestFrames TestUpdates FuzzFrame", "transport/hybrid: TestATransaction TestComputersThatBreakTheRules TestPhonesThatBreakTheRules"), nil, ""},
	{"frames: JSON, digital credentials", "§11.5", "", nil, nil, "They are told apart and refused: no device of ours holds digital credentials."},
	{"linking information", "§11.5", "ctap/hybrid/linking.go", tests("ctap/hybrid: TestLinkingSignaturesOfVectors TestLinking TestLinkingSignature TestBrokenLinking FuzzLinking", "transport/hybrid: TestLinks TestLinksAreOffered TestLinksAreSigned"), nil, ""},
	{"state-assisted transactions", "§11.5", "transport/hybrid/link.go", tests("ctap/hybrid: TestContact FuzzContact", "transport/hybrid: TestLinks TestUnlinking TestSignals TestOverLoopback"), nil, "Both ends are ours; no browser that links phones was there to try."},
	{"tunnels over WebSockets", "§11.5", "transport/hybrid/websocket.go", tests("ctap/hybrid: TestPaths TestCloseCodes", "transport/hybrid: TestWebSockets TestServicesThatClose TestServicesThatRefuse TestRedirects TestTunnelServices TestOverLoopback"), nil, ""},
	{"a phone's side of a transaction", "§11.5", "transport/hybrid/phone.go", tests("transport/hybrid: TestATransaction TestAPhoneDeclines TestAPhoneWalksAway TestPatience TestSpoiledMessages"), nil, ""},
	{"a computer's side of a transaction", "§11.5", "transport/hybrid/computer.go", tests("transport/hybrid: TestClientOverAPhone TestAComputerGivesUp TestClosingARemote TestSpoiledMessages"), nil, ""},
	{"tunnel service", "§11.5", "transport/tunnel/server.go", tests("transport/tunnel: TestMessagesPassBothWays TestRefusals TestTwoJoinOneTunnel TestLeaving TestTimeLimits TestFloods TestSlowReaders TestWhatIsNotCarried FuzzHTTP FuzzFrames", "cmd/passkeylab: TestTunnelServesUnderARootInAFile"), nil, ""},
	{"tunnel service: contacts of linked phones", "§11.5", "transport/tunnel/contacts.go", tests("transport/tunnel: TestContact TestContactWhileThePhoneIsAway TestDeadContacts TestClientPayload TestRoomForContacts", "ctap/hybrid: TestSummons FuzzDecodeSummons"), nil, "How a phone hears of a contact is left to the service. Ours keeps a WebSocket for it; the real ones send push messages."},
	{"adverts through BlueZ", "§11.5", "transport/bluez/radio.go", tests("transport/bluez: TestAdvertsAreHeard TestRadiosHearEachOther TestChromiumScans"), nil, "A stand-in for BlueZ was there to try, and no radio."},
	{"QR codes on screens and in pictures", "§11.5", "internal/qr/read.go", tests("internal/qr: TestRead TestFind TestDecode TestTooManyCorners FuzzDecode FuzzRead", "internal/screen: TestGrab"), nil, ""},
	{"messages over Bluetooth (L2CAP)", "§11.5", "", nil, nil, "Not built: QR codes can tell of it, but one implementation alone has it."},
}}

var clientRules = Table{"The client", "Sections of WebAuthn L3.", []Row{
	{"create()", "§5.1.3", "client/create.go", tests("client: TestCreate TestCreateMistakes TestCreateOrder TestCreateMapsSelection TestCreateBelieves"), nil, ""},
	{"get()", "§5.1.4", "client/get.go", tests("client: TestGet TestGetMistakes TestGetMapsUserVerification TestGetBelieves"), nil, ""},
	{"conditional mediation", "§5.1.4", "client/autofill.go", tests("client: TestAutofill TestAutofillFilters TestAutofillPassive"), nil, "In get() only: conditional create() is refused, as by a client that has not recently mediated a sign-in."},
	{"origins, RP IDs and related origins", "§5.11, §5.1.3 step 8", "client/rpid.go", tests("client: TestParseOrigin TestDetermineRPID TestRelatedOrigins FuzzOrigin"), nil, ""},
	{"client data", "§5.8.1", "webauthn/clientdata.go", tests("client: TestClientData", "webauthn: TestClientDataSerialisation TestClientDataOfVectors"), nil, ""},
	{"JSON of options and responses", "§5.1.8, §5.1.9", "webauthn/readoptions.go", tests("webauthn: TestParseOptions TestOptionsAgreeWithTags TestResponsesAgreeWithTags FuzzParse", "client: TestCreateJSON TestGetJSON"), nil, ""},
	{"PIN and built-in verification at the client", "CTAP 2.3 §6.5.5", "client/verification.go", tests("client: TestPIN TestPINIsSet TestWrongPIN TestBuiltInVerification TestFallBackToPIN TestPINOfOurAuthenticator"), nil, ""},
	{"allow and exclude lists in batches", "CTAP 2.3 §6.1, §6.2", "client/lists.go", tests("client: TestLists TestListsAreCutToMessages TestTooLarge"), nil, ""},
	{"several authenticators, hints, attachment", "§5.1.3, §5.8.7", "client/race.go", tests("client: TestFirstAnswerWins TestHintsOrderAuthenticators TestAttachmentAndTransports TestSelectionAmongOthers"), nil, ""},
	{"timeouts, abort", "§5.1.3 step 4", "client/timeout.go", tests("client: TestTimeout TestAbort TestLifetime"), nil, ""},
	{"Signal API", "§5.1.10", "browser/bridge.go", tests("browser: TestBridgeCapabilitiesAndSignals"), nil, "The bridge passes signals on; no device of ours acts on them yet."},
}}
