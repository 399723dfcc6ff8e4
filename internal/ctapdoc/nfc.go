package ctapdoc

var nfc = Table{"NFC", "Sections of CTAP 2.3; ISO 7816-4.", []Row{
	{"SELECT, U2F_V2 and FIDO_2_0", "§11.3.3", "ctap/nfc/command.go", tests("ctap/nfc: TestSelecting TestReaderSelects", "transport: TestCardWithU2FAlone"), nil, ""},
	{"NFCCTAP_MSG", "§11.3.5.1", "ctap/nfc/parts.go", tests("ctap/nfc: TestExchanges TestRefusals", "transport: TestAnAuthenticatorBehindAReader"), nil, ""},
	{"NFCCTAP_GETRESPONSE, 9100 and its statuses", "§11.3.7", "ctap/nfc/card.go", tests("ctap/nfc: TestExchanges TestDeadlines TestReaderDialogues", "transport: TestCardIsAskedAgain"), nil, ""},
	{"NFCCTAP_GETRESPONSE, cancel", "§11.3.7.2", "ctap/nfc/command.go", tests("ctap/nfc: TestExchanges TestReaderDialogues", "transport: TestCancellingOverNFC TestCancellingACardInVain"), nil, ""},
	{"NFCCTAP_CONTROL END", "§11.3.4", "ctap/nfc/command.go", tests("ctap/nfc: TestExchanges TestReaderSelects", "transport: TestClosingANFCClient"), nil, ""},
	{"short and extended lengths, command chaining, GET RESPONSE", "§11.3.5, §11.3.6", "ctap/nfc/parts.go", tests("ctap/nfc: TestFormsAndLengths TestAnswersInParts TestInterruptedChains TestReaderAgainstCard TestReaderLearns FuzzCard FuzzReader", "transport: TestMessagesOfAnyLength"), nil, ""},
	{"U2F commands over NFC", "§11.3; U2F over NFC", "ctap/nfc/parts.go", tests("ctap/nfc: TestExchanges TestU2FInParts TestReaderU2F"), nil, ""},
	{"status words of ISO 7816-4", "§11.3", "ctap/nfc/words.go", tests("ctap/nfc: TestRefusals"), nil, ""},
	{"capabilities in the historical bytes", "ISO 7816-4 §8.1.1", "ctap/nfc/atr.go", tests("ctap/nfc: TestATR TestReadATR FuzzReadATR"), nil, ""},
	{"user presence by being held to a reader", "§5", "ctap/nfc/presence.go", tests("ctap/nfc: TestPresence", "transport: TestTap TestTapDoesNotVerify"), nil, "For devices whose user is a `transport.Tap`; others have a button."},
	{"power that goes with the field", "§11.3", "transport/nfcserver.go", tests("transport: TestPowerGoesWithTheField TestCardIsTakenAway"), nil, ""},
	{"ISO 14443: anticollision, blocks, waiting time", "ISO 14443", "", nil, nil, "Below APDUs: readers, or the drivers of virtual ones, see to it."},
}}
