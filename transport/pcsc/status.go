package pcsc

import "fmt"

// Status is what pcscd ends a call with. A Status is an error.
type Status uint32

// Statuses that are worth telling apart; pcscd has many more.
const (
	success          Status = 0
	UnknownReader    Status = 0x80100009
	SharingViolation Status = 0x8010000B // another program has the card for itself
	NoCard           Status = 0x8010000C
	NoAccess         Status = 0x8010006A // polkit does not let this user
	ResetCard        Status = 0x80100068 // another program has reset the card
	RemovedCard      Status = 0x80100069
	UnpoweredCard    Status = 0x80100067
	NoReader         Status = 0x80100017 // it was unplugged
	notTransacted    Status = 0x80100016
	otherProtocol    Status = 0x8010001E // how pcscd refuses a version
)

var statusNames = map[Status]string{
	UnknownReader: "no such reader", SharingViolation: "another program has the card for itself",
	NoCard: "there is no card in the reader", NoAccess: "pcscd does not let this user use it",
	ResetCard: "another program has reset the card", RemovedCard: "the card was taken away",
	UnpoweredCard: "the card has no power", NoReader: "the reader was unplugged",
	notTransacted: "the card does not answer", otherProtocol: "pcscd speaks another version of its protocol",
}

func (s Status) Error() string {
	if name, ok := statusNames[s]; ok {
		return name
	}
	return fmt.Sprintf("pcscd status 0x%08X", uint32(s))
}

func (s Status) orNil() error {
	if s == success {
		return nil
	}
	return s
}
