package webauthn

import "strings"

// Flags is the flags byte of authenticator data (WebAuthn L3 §6.1).
type Flags byte

// The bits of [Flags]. Bits 1 and 5 are reserved.
const (
	UserPresent     Flags = 1 << 0 // UP
	UserVerified    Flags = 1 << 2 // UV
	BackupEligible  Flags = 1 << 3 // BE: a multi-device credential
	BackedUp        Flags = 1 << 4 // BS: currently backed up; needs BE
	AttestedData    Flags = 1 << 6 // AT: attested credential data included
	ExtensionOutput Flags = 1 << 7 // ED: extension outputs included
)

var flagNames = []struct {
	bit  Flags
	name string
}{
	{UserPresent, "UP"}, {UserVerified, "UV"}, {BackupEligible, "BE"},
	{BackedUp, "BS"}, {AttestedData, "AT"}, {ExtensionOutput, "ED"},
}

// Has reports whether every bit of want is set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// With returns f with the bits set or cleared.
func (f Flags) With(bits Flags, on bool) Flags {
	if on {
		return f | bits
	}
	return f &^ bits
}

// String lists the names of the bits that are set, such as "UP|UV|AT".
func (f Flags) String() string {
	var set []string
	for _, n := range flagNames {
		if f.Has(n.bit) {
			set = append(set, n.name)
		}
	}
	if len(set) == 0 {
		return "none"
	}
	return strings.Join(set, "|")
}
