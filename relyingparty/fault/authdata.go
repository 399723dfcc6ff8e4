package fault

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"net/url"
	"strings"

	"github.com/fxamacker/cbor/v2"
	"github.com/go-webauthn/webauthn/protocol"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// Flags of authenticator data (WebAuthn L3 §6.1).
const (
	flagUP = 0x01
	flagUV = 0x04
	flagBE = 0x08
	flagBS = 0x10
	flagAT = 0x40
	flagED = 0x80

	reservedFlags = 0x22
)

const (
	headerSize   = 37 // RP ID hash, flags, counter
	attestedSize = headerSize + 16 + 2
)

// layout are the parts of authenticator data, as far as they are there.
type layout struct {
	header         []byte
	attested       []byte // AAGUID to public key
	extensions     []byte
	rest           []byte // what belongs to nothing
	idAt, idLength int    // of the credential ID
}

// layoutOf takes authenticator data apart. attested says whether there is to be an
// attested credential, extended whether extensions, whatever the flags say. It fails
// where the data end too soon.
func layoutOf(data []byte, attested, extended bool) (l layout, ok bool) {
	if len(data) < headerSize {
		return l, false
	}
	l.header, l.rest = data[:headerSize:headerSize], data[headerSize:]
	if attested {
		if len(data) < attestedSize {
			return l, false
		}
		l.idAt, l.idLength = attestedSize, int(binary.BigEndian.Uint16(data[attestedSize-2:]))
		if len(data) < l.idAt+l.idLength {
			return l, false
		}
		rest, err := cbor.UnmarshalFirst(data[l.idAt+l.idLength:], new(cbor.RawMessage))
		if err != nil {
			return l, false
		}
		l.attested, l.rest = l.rest[:len(l.rest)-len(rest):len(l.rest)-len(rest)], rest
	}
	if extended {
		rest, err := cbor.UnmarshalFirst(l.rest, new(cbor.RawMessage))
		if err != nil {
			return l, false
		}
		l.extensions, l.rest = l.rest[:len(l.rest)-len(rest)], rest
	}
	return l, true
}

func flagsOf(data []byte) byte {
	if len(data) < headerSize {
		return 0
	}
	return data[headerSize-5]
}

// joined puts authenticator data together again, with flags changed.
func (l layout) joined(clear, set byte, parts ...[]byte) []byte {
	header := bytes.Clone(l.header)
	header[headerSize-5] = header[headerSize-5]&^clear | set
	return bytes.Join(append([][]byte{header}, parts...), nil)
}

// onAuthData makes a seam of a change to authenticator data on their way to be taken
// apart. What is nil is left as it came.
func onAuthData(change func(of ceremony.Ceremony, data []byte) []byte) relyingparty.Seams {
	return onCeremonies(ceremony.Seams{AuthenticatorData: func(of ceremony.Ceremony, data []byte) []byte {
		if changed := change(of, data); changed != nil {
			return changed
		}
		return data
	}})
}

// hashedRelative reports the hash of a domain that is next to that of an origin.
func hashedRelative(v *ceremony.Verification) bool {
	for _, origin := range v.Origins {
		at, err := url.Parse(origin)
		if err != nil {
			continue
		}
		_, above, _ := strings.Cut(at.Hostname(), ".")
		for _, domain := range []string{above, "www." + at.Hostname()} {
			if sum := sha256.Sum256([]byte(domain)); bytes.Equal(sum[:], v.Auth.RPIDHash) {
				return true
			}
		}
	}
	return false
}

func authDataFaults() []Fault {
	const hashed = "WebAuthn L3 §7.1 step 14, §7.2 step 15"
	const laidOut = "WebAuthn L3 §6.1"
	return []Fault{
		{
			ID: "rp/authdata/unreadable-accepted", Spec: laidOut,
			Doc:   "Authenticator data that cannot be read are not looked at: an error in reading them is swallowed.",
			Seams: unreadableAuthData(),
		}, {
			ID: "rp/authdata/rp-id-hash-ignored", Spec: hashed,
			Doc:   "The RP ID hash is not looked at, so that passkeys of other sites will do.",
			Seams: at(held(func(v *ceremony.Verification) { v.RPIDHash = v.Auth.RPIDHash }), authDataSteps...),
		}, {
			ID: "rp/authdata/rp-id-hash-prefix", Spec: hashed,
			Doc: "Only the first four bytes of the RP ID hash are compared.",
			Seams: at(held(func(v *ceremony.Verification) {
				if bytes.Equal(v.RPIDHash[:4], v.Auth.RPIDHash[:4]) {
					v.RPIDHash = v.Auth.RPIDHash
				}
			}), authDataSteps...),
		}, {
			ID: "rp/authdata/rp-id-of-relatives", Spec: hashed,
			Doc: "The hash of a domain above or below the RP ID will do as well.",
			Seams: at(held(func(v *ceremony.Verification) {
				if hashedRelative(v) {
					v.RPIDHash = v.Auth.RPIDHash
				}
			}), authDataSteps...),
		}, {
			ID: "rp/authdata/short-filled-up", Spec: laidOut,
			Doc: "Authenticator data that are too short are read as if zeros followed.",
			Seams: onAuthData(func(of ceremony.Ceremony, data []byte) []byte {
				if of == ceremony.Create || len(data) >= headerSize {
					return nil
				}
				return append(bytes.Clone(data), make([]byte, headerSize-len(data))...)
			}),
		}, {
			ID: "rp/authdata/leftover-accepted", Spec: laidOut,
			Doc: "Bytes that follow authenticator data are passed over.",
			Seams: onAuthData(func(_ ceremony.Ceremony, data []byte) []byte {
				flags := flagsOf(data)
				l, ok := layoutOf(data, flags&flagAT != 0, flags&flagED != 0)
				if !ok || len(l.rest) == 0 {
					return nil
				}
				return l.joined(0, 0, l.attested, l.extensions)
			}),
		}, {
			ID: "rp/authdata/attested-flag-ignored", Spec: laidOut + ", §7.1 step 13",
			Doc: "At registration, an attested credential is read though the flag AT is clear.",
			Seams: onAuthData(func(of ceremony.Ceremony, data []byte) []byte {
				if of != ceremony.Create || flagsOf(data)&flagAT != 0 {
					return nil
				}
				l, ok := layoutOf(data, true, flagsOf(data)&flagED != 0)
				if !ok {
					return nil
				}
				return l.joined(0, flagAT, l.attested, l.extensions, l.rest)
			}),
		}, {
			ID: "rp/authdata/attested-at-login-accepted", Spec: laidOut + " (AT must not be set in assertions)",
			Doc: "An attested credential in the authenticator data of a login is passed over.",
			Seams: onAuthData(func(of ceremony.Ceremony, data []byte) []byte {
				if of != ceremony.Get || flagsOf(data)&flagAT == 0 {
					return nil
				}
				l, ok := layoutOf(data, true, flagsOf(data)&flagED != 0)
				if !ok {
					return nil
				}
				return l.joined(flagAT, 0, l.extensions, l.rest)
			}),
		}, {
			ID: "rp/authdata/extension-flag-ignored", Spec: laidOut,
			Doc: "Extensions are read though the flag ED is clear.",
			Seams: onAuthData(func(_ ceremony.Ceremony, data []byte) []byte {
				if flagsOf(data)&flagED != 0 {
					return nil
				}
				l, ok := layoutOf(data, flagsOf(data)&flagAT != 0, true)
				if !ok || !isMap(l.extensions) {
					return nil
				}
				return l.joined(0, flagED, l.attested, l.extensions, l.rest)
			}),
		}, {
			ID: "rp/authdata/extensions-missing-accepted", Spec: laidOut,
			Doc: "Authenticator data without extensions are accepted though the flag ED is set.",
			Seams: onAuthData(func(_ ceremony.Ceremony, data []byte) []byte {
				if flagsOf(data)&flagED == 0 {
					return nil
				}
				l, ok := layoutOf(data, flagsOf(data)&flagAT != 0, false)
				if !ok || len(l.rest) > 0 {
					return nil
				}
				return l.joined(flagED, 0, l.attested)
			}),
		}, {
			ID: "rp/authdata/extensions-of-any-type", Spec: laidOut + ", §9.5",
			Doc: "Extensions in authenticator data that are no map are passed over.",
			Seams: onAuthData(func(_ ceremony.Ceremony, data []byte) []byte {
				if flagsOf(data)&flagED == 0 {
					return nil
				}
				l, ok := layoutOf(data, flagsOf(data)&flagAT != 0, true)
				if !ok || isMap(l.extensions) {
					return nil
				}
				return l.joined(flagED, 0, l.attested, l.rest)
			}),
		}, {
			ID: "rp/authdata/extensions-refused", Spec: laidOut + ", §9", Strict: true,
			Doc: "Authenticator data with extensions are refused, which authenticators may add unasked.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				return v.Auth.Flags.HasExtensions()
			}), authDataSteps...),
		}, {
			ID: "rp/authdata/reserved-flags-refused", Spec: laidOut + " (bits 1 and 5 are reserved)", Strict: true,
			Doc: "Authenticator data with a flag that is reserved for future use are refused.",
			Seams: at(refusing(ceremony.ReasonMalformed, func(v *ceremony.Verification) bool {
				return v.Auth.Flags&reservedFlags != 0
			}), authDataSteps...),
		},
	}
}

func isMap(item []byte) bool { return len(item) > 0 && item[0]>>5 == 5 }

func flagFaults() []Fault {
	const present = "WebAuthn L3 §7.1 step 15, §7.2 step 16"
	const verified = "WebAuthn L3 §7.1 step 16, §7.2 step 17"
	const backup = "WebAuthn L3 §7.1 step 17, §7.2 step 18"
	const login = ceremony.Get
	verify := func(v *ceremony.Verification) bool { return v.Auth.Flags.HasUserVerified() }
	return []Fault{
		{
			ID: "rp/flags/ignored", Spec: present + "; " + verified,
			Doc: "The flags UP and UV are not looked at.",
			Seams: at(held(func(v *ceremony.Verification) {
				v.UserPresence, v.UserVerification = false, ceremony.VerificationPreferred
			}), authDataSteps...),
		}, {
			ID: "rp/flags/backup-ignored", Spec: backup + "; §7.2 step 19",
			Doc:   "The flags BE and BS are not looked at, of which servers know nothing that are older than Level 3.",
			Seams: at(leftOut, backupSteps...),
		}, {
			ID: "rp/flags/presence-ignored", Spec: present,
			Doc:   "The flag UP may be clear: nobody has to be there.",
			Seams: at(held(func(v *ceremony.Verification) { v.UserPresence = false }), authDataSteps...),
		}, {
			ID: "rp/flags/presence-ignored-at-registration", Spec: "WebAuthn L3 §7.1 step 15",
			Doc:   "The flag UP may be clear at registration.",
			Seams: at(held(func(v *ceremony.Verification) { v.UserPresence = false }), ceremony.StepCreateAuthData),
		}, {
			ID: "rp/flags/verification-for-presence", Spec: present,
			Doc:   "The flag UP may be clear where UV is set.",
			Seams: at(held(func(v *ceremony.Verification) { v.UserPresence = v.UserPresence && !verify(v) }), authDataSteps...),
		}, {
			ID: "rp/flags/verification-ignored", Spec: verified,
			Doc:   "The flag UV may be clear though user verification is required.",
			Seams: at(held(func(v *ceremony.Verification) { v.UserVerification = ceremony.VerificationPreferred }), authDataSteps...),
		}, {
			ID: "rp/flags/verification-ignored-at-login", Spec: "WebAuthn L3 §7.2 step 17",
			Doc:   "The flag UV may be clear at login though user verification is required.",
			Seams: at(held(func(v *ceremony.Verification) { v.UserVerification = ceremony.VerificationPreferred }), ceremony.StepGetAuthData),
		}, {
			ID: "rp/flags/verification-of-registration-lasts", Spec: "WebAuthn L3 §7.2 step 17",
			Doc: "The flag UV may be clear at login where it was set at registration.",
			Seams: at(held(func(v *ceremony.Verification) {
				if v.Owner.Credential.UserVerified {
					v.UserVerification = ceremony.VerificationPreferred
				}
			}), ceremony.StepGetAuthData),
		}, {
			ID: "rp/flags/verification-as-asked-last", Spec: "WebAuthn L3 §7.1 step 16, §7.2 step 17", Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "The flag UV is held to what was asked for last, by whomever, where that was less.",
			Seams: verificationAskedLast(),
		}, {
			ID: "rp/flags/verification-demanded-though-preferred", Spec: "WebAuthn L3 §5.8.6, " + verified, Strict: true,
			Doc: "The flag UV has to be set where user verification is preferred, which is no demand.",
			Seams: at(held(func(v *ceremony.Verification) {
				if v.UserVerification == ceremony.VerificationPreferred {
					v.UserVerification = ceremony.VerificationRequired
				}
			}), authDataSteps...),
		}, {
			ID: "rp/flags/verification-demanded-though-discouraged", Spec: "WebAuthn L3 §5.8.6, " + verified, Strict: true,
			Doc: "The flag UV has to be set where user verification is discouraged.",
			Seams: at(held(func(v *ceremony.Verification) {
				if v.UserVerification == ceremony.VerificationDiscouraged {
					v.UserVerification = ceremony.VerificationRequired
				}
			}), authDataSteps...),
		}, {
			ID: "rp/flags/verification-refused-though-discouraged", Spec: "WebAuthn L3 §5.8.6", Strict: true,
			Doc: "The flag UV must not be set where user verification is discouraged, though authenticators may verify anyway.",
			Seams: at(refusing(ceremony.ReasonUserVerification, func(v *ceremony.Verification) bool {
				return v.UserVerification == ceremony.VerificationDiscouraged && verify(v)
			}), authDataSteps...),
		}, {
			ID: "rp/flags/backed-up-without-eligible", Spec: backup,
			Doc: "The flag BS may be set though BE is clear.",
			Seams: at(held(func(v *ceremony.Verification) {
				if !v.Auth.Flags.HasBackupEligible() {
					seen := *v.Auth
					seen.Flags &^= protocol.FlagBackupState
					v.Auth = &seen
				}
			}), backupSteps...),
		}, {
			ID: "rp/flags/eligibility-may-change", Spec: "WebAuthn L3 §7.2 step 19, §6.1.3",
			Doc: "The flag BE may be another at login than at registration.",
			Seams: at(held(func(v *ceremony.Verification) {
				v.Owner.Credential.BackupEligible = v.Auth.Flags.HasBackupEligible()
			}),
				ceremony.StepGetBackup),
		}, {
			ID: "rp/flags/backup-must-not-change", Spec: "WebAuthn L3 §6.1.3, §7.2 step 24", Strict: true,
			Doc: "The flag BS has to be at login what it was last, though passkeys get backed up in time.",
			Seams: at(refusing(ceremony.ReasonBackupState, func(v *ceremony.Verification) bool {
				return v.Auth.Flags.HasBackupState() != v.Owner.Credential.BackedUp
			}), ceremony.StepGetBackup),
		}, {
			ID: "rp/flags/backup-demanded-of-eligible", Spec: "WebAuthn L3 §6.1.3", Strict: true,
			Doc: "The flag BS has to be set where BE is, though a passkey that may be backed up need not be.",
			Seams: at(refusing(ceremony.ReasonBackupState, func(v *ceremony.Verification) bool {
				return v.Auth.Flags.HasBackupEligible() && !v.Auth.Flags.HasBackupState()
			}), backupSteps...),
		}, {
			ID: "rp/flags/eligible-refused", Spec: "WebAuthn L3 §6.1.3", Strict: true,
			Doc: "Passkeys that may be backed up are refused, which nobody asked for.",
			Seams: at(refusing(ceremony.ReasonBackupState, func(v *ceremony.Verification) bool {
				return v.Ceremony != login && v.Auth.Flags.HasBackupEligible()
			}), backupSteps...),
		},
	}
}
