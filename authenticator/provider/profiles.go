package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/internal/nearest"
	"github.com/passkeylab/passkeylab/webauthn"
)

// All returns the providers below, by ID.
func All() []Provider {
	all := []Provider{
		ICloud(), ICloudBeforeSync(), ICloud2022(), ManagedICloud(), GooglePasswordManager(),
		MicrosoftPasswordManager(), OnePassword(), Bitwarden(), Dashlane(), ProtonPass(), SamsungPass(), KeePassXC(), KeePassXC2711(),
		WindowsHello(), ChromeOnMac(),
	}
	slices.SortFunc(all, func(a, b Provider) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Lookup returns the provider with an ID. The error names the ID most like it.
func Lookup(id string) (Provider, error) {
	var ids []string
	for _, p := range All() {
		if p.ID == id {
			return p, nil
		}
		ids = append(ids, p.ID)
	}
	if meant := nearest.Name(id, ids); meant != "" {
		return Provider{}, fmt.Errorf("no provider is called %q: did you mean %q?", id, meant)
	}
	return Provider{}, fmt.Errorf("no provider is called %q: provider.All lists them", id)
}

// aaguid reads an AAGUID that is written down here.
func aaguid(text string) webauthn.AAGUID {
	id, err := webauthn.ParseAAGUID(text)
	if err != nil {
		panic(err)
	}
	return id
}

func es256() []webauthn.Algorithm { return []webauthn.Algorithm{webauthn.ES256} }

// ICloud is Apple Passwords with iCloud Keychain.
func ICloud() Provider {
	return Provider{
		ID: "icloud-keychain", Name: "iCloud Keychain", AAGUID: aaguid("fbfc3007-154e-4ecc-8c0b-6e020557d7bd"),
		Basis: "flags 0x5D and counter 0: registrations in public test suites; recovery and its ten tries: Apple Platform Security, " +
			"Escrow security for iCloud Keychain; signals: Safari 26; upgrades: Safari 18 release notes. Assumed: newest wins, signals hide, copies stay at sign-out.",
		Platforms: []Platform{Apple}, Algorithms: es256(),
		SameUser: NewestWins,
		Boundary: Boundary{Sealed: true, Approval: true, Recovery: true, Tries: 10},
		Leave:    Keeps,
		Signals:  Signals{Unknown: Hides, Accepted: Hides, Details: true},
		Upgrades: true,
	}
}

// ICloudBeforeSync is iCloud Keychain as sites have seen it: a passkey that has
// not been synced yet says that it cannot be.
func ICloudBeforeSync() Provider {
	p := ICloud()
	p.ID = "icloud-keychain-before-sync"
	p.Name, p.Backup.Eligible, p.Backup.State = "iCloud Keychain, flags follow sync", EligibleOnceStored, BackedUpOnceStored
	p.Basis = "BE 0 at registration and 1 at later logins: supabase/auth issue 2732 (2026). The rest is iCloud Keychain."
	return p
}

// ICloud2022 is iCloud Keychain in the previews of 2022, which told of BE when
// a passkey was made and not any more when it was used.
func ICloud2022() Provider {
	p := ICloud()
	p.ID = "icloud-keychain-2022"
	p.Name, p.Backup.Eligible, p.Upgrades = "iCloud Keychain, previews of 2022", EligibleAtRegistrationOnly, false
	p.Basis = "BE 1 at registration and 0 in assertions: w3c/webauthn issue 1791 (2022). The rest is iCloud Keychain."
	return p
}

// ManagedICloud is iCloud Keychain of a Managed Apple Account. Which devices may
// join is for Options.Managed to say.
func ManagedICloud() Provider {
	p := ICloud()
	p.ID = "icloud-keychain-managed"
	p.Name, p.AAGUID = "iCloud Keychain (Managed)", aaguid("dd4ec289-e01d-41c9-bb89-70fa845d4bf2")
	p.Leave = Forgets
	p.Basis = "AAGUID: passkeydeveloper/passkey-authenticator-aaguids; sign-in on managed devices only, and sign-out when the rules change: " +
		"Apple Platform Security, Managed Apple Account security. Assumed: flags as of iCloud Keychain."
	return p
}

// GooglePasswordManager is Google's, on Android and in Chrome.
func GooglePasswordManager() Provider {
	return Provider{
		ID: "google-password-manager", Name: "Google Password Manager", AAGUID: aaguid("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"),
		Basis: "flags, counter 0 and ES256: Chromium enclave_protocol_utils.cc; shadows: passkey_model_utils.h; signals: signal_api_utils.cc; " +
			"non-discoverable credentials stay: Google on public-webauthn-adoption (2022); PIN, and a reset that deletes all passkeys: " +
			"support.google.com/chrome/answer/16608973; " +
			"upgrades: developer.chrome.com/blog/passkey-automatic-upgrades (Chrome 136). Assumed: any number of tries.",
		Algorithms: es256(), Syncs: SyncsDiscoverable,
		SameUser: NewestShadows,
		Boundary: Boundary{Sealed: true, Recovery: true},
		Signals:  Signals{Unknown: Hides, Accepted: Hides, Details: true},
		Upgrades: true,
	}
}

// OnePassword is 1Password.
func OnePassword() Provider {
	return Provider{
		ID: "1password", Name: "1Password", AAGUID: aaguid("bada5566-a7aa-401f-bd96-45619a55120d"),
		Basis:      "flags, counter and ES256: its library 1Password/passkey-rs. Assumed: all else.",
		Algorithms: es256(),
		Boundary:   Boundary{Sealed: true, Approval: true, Recovery: true},
	}
}

// Bitwarden is Bitwarden. A passkey that was imported with a counter goes on
// counting.
func Bitwarden() Provider {
	return Provider{
		ID: "bitwarden", Name: "Bitwarden", AAGUID: aaguid("d548826e-79b4-db40-a3d8-11116f7e8349"),
		Basis:      "flags, ES256 and counters: bitwarden/clients fido2-authenticator.service.ts. Assumed: all else.",
		Algorithms: es256(), Counts: true,
		Boundary: Boundary{Sealed: true, Approval: true, Recovery: true},
	}
}

// MicrosoftPasswordManager is Microsoft's, in Edge and Windows.
func MicrosoftPasswordManager() Provider {
	return Provider{
		ID: "microsoft-password-manager", Name: "Microsoft Password Manager", AAGUID: aaguid("d3452668-01fd-4c12-926c-83a4204853aa"),
		Basis:      "AAGUID: passkeydeveloper/passkey-authenticator-aaguids. Assumed: all else.",
		Algorithms: es256(),
		Boundary:   Boundary{Sealed: true, Recovery: true},
	}
}

// Dashlane is Dashlane.
func Dashlane() Provider {
	return Provider{
		ID: "dashlane", Name: "Dashlane", AAGUID: aaguid("531126d6-e717-415c-9320-3d9aa6981239"),
		Basis:      "AAGUID: passkeydeveloper/passkey-authenticator-aaguids; ES256: the profile of the same name. Assumed: all else.",
		Algorithms: es256(),
		Boundary:   Boundary{Sealed: true, Approval: true, Recovery: true},
	}
}

// ProtonPass is Proton Pass.
func ProtonPass() Provider {
	return Provider{
		ID: "proton-pass", Name: "Proton Pass", AAGUID: aaguid("50726f74-6f6e-5061-7373-50726f746f6e"),
		Basis:      "flags, counter and ES256: it builds on 1Password/passkey-rs. Assumed: all else.",
		Algorithms: es256(),
		Boundary:   Boundary{Sealed: true, Recovery: true},
	}
}

// SamsungPass is Samsung Pass, whose passkeys are synced and say that they cannot
// be.
func SamsungPass() Provider {
	return Provider{
		ID: "samsung-pass", Name: "Samsung Pass", AAGUID: aaguid("53414d53-554e-4700-0000-000000000000"),
		Basis:     "BE and BS 0 though synced: the profile of the same name. It attests, where its device does. Assumed: all else.",
		Platforms: []Platform{Android, Windows}, Algorithms: es256(),
		Backup:   Backup{Flagless: true},
		Attests:  true,
		Boundary: Boundary{Sealed: true, Recovery: true},
	}
}

// KeePassXC is KeePassXC from 2.7.12 on: a file that other programs sync, whose
// password is the recovery secret. It keeps flags with the passkeys that it
// makes, and takes older ones for eligible and backed up.
func KeePassXC() Provider {
	return Provider{
		ID: "keepassxc", Name: "KeePassXC", AAGUID: aaguid("fdb141b2-5d84-443e-8a35-4698c205a502"),
		Basis: "flags: keepassxreboot/keepassxc pull request 13042 and the notes of 2.7.12 (2026); algorithms and counter 0: " +
			"BrowserPasskeys.cpp. Nobody can remove a file from afar. Assumed: both of two passkeys stay.",
		Platforms:  []Platform{Apple, Windows, Linux},
		Algorithms: []webauthn.Algorithm{webauthn.ES256, webauthn.EdDSA, webauthn.RS256},
		Backup:     Backup{Default: Flags{Eligible: true, BackedUp: true}},
		Boundary:   Boundary{Sealed: true, Recovery: true},
		Leave:      Keeps, Removal: Keeps,
	}
}

// KeePassXC2711 is KeePassXC up to 2.7.11, whose passkeys are synced with the file
// they are in and say that they cannot be. With the next version, or another
// program for the same file, they say that they can.
func KeePassXC2711() Provider {
	p := KeePassXC()
	p.ID = "keepassxc-2.7.11"
	p.Name, p.Backup = "KeePassXC up to 2.7.11", Backup{Flagless: true}
	p.Basis = "BE and BS always 0, and logins refused after the upgrade: keepassxreboot/keepassxc issues 11977 and 13239. The rest is KeePassXC."
	return p
}

// WindowsHello is the keystore of one Windows computer.
func WindowsHello() Provider {
	return Provider{
		ID: "windows-hello", Name: "Windows Hello", AAGUID: aaguid("08987058-cadc-4b81-b6e1-30de50dcbe96"),
		Basis:      "flags 0x45: registrations in public test suites. Assumed: signals remove.",
		Platforms:  []Platform{Windows},
		Algorithms: []webauthn.Algorithm{webauthn.RS256, webauthn.ES256}, Syncs: SyncsNothing,
		Signals: Signals{Unknown: Removes, Accepted: Removes, Details: true},
	}
}

// ChromeOnMac is the keystore of one Chrome profile on a Mac.
func ChromeOnMac() Provider {
	return Provider{
		ID: "chrome-mac", Name: "Chrome on Mac", AAGUID: aaguid("adce0002-35bc-c60a-648b-0b25f1f05503"),
		Basis:     "flags 0x45 and ES256: Chromium device/fido/mac, and registrations in public test suites. Assumed: signals remove.",
		Platforms: []Platform{Apple}, Algorithms: es256(), Syncs: SyncsNothing,
		Signals: Signals{Unknown: Removes, Accepted: Removes, Details: true},
	}
}
