package authenticators

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/report"
)

// Control bytes of U2F_AUTHENTICATE (§5.1).
const (
	u2fEnforce   = 0x03
	u2fCheckOnly = 0x07
	u2fDontAsk   = 0x08
)

// apdu is a command in extended form, as clients over HID send it.
func apdu(class, instruction, p1, p2 byte, data []byte) []byte {
	out := []byte{class, instruction, p1, p2, 0}
	if len(data) > 0 {
		out = append(out, byte(len(data)>>8), byte(len(data)))
		out = append(out, data...)
	}
	return append(out, 0, 0)
}

// u2fAnswer is the data and the status word of a response.
type u2fAnswer struct {
	data   []byte
	status u2f.Status
}

// undecoded is for messages whose bytes speak for themselves.
func undecoded() string { return "" }

func (k *key) sendAPDU(command []byte) u2fAnswer {
	k.Record(report.Message{From: "judge", To: "device", Layer: "U2F", Name: u2f.Instruction(command[1]).String(), Bytes: command}, undecoded)
	got, err := k.device.(Legacy).ExchangeAPDU(k.Context(), command)
	if err != nil {
		k.Brokenf("the device could not be asked: %v", err)
	}
	if len(got) < 2 || len(got) > maxAnswer {
		k.Fatalf("a response of %d bytes", len(got))
	}
	at := len(got) - 2
	a := u2fAnswer{got[:at], u2f.Status(binary.BigEndian.Uint16(got[at:]))}
	k.Record(report.Message{From: "device", To: "judge", Layer: "U2F", Name: u2f.Instruction(command[1]).String(), Status: a.status.String(), Bytes: got}, undecoded)
	return a
}

// touchedFor sends a command that wants a touch, as clients over CTAPHID do: again and
// again, for as long as the device says that there has been none. Many devices wait for
// nobody, and only then is their user asked.
func (k *key) touchedFor(command []byte) u2fAnswer {
	a := k.sendAPDU(command)
	for waited := time.Duration(0); a.status == u2f.ConditionsNotSatisfied && waited < u2fPatience; waited += u2fPause {
		select {
		case <-time.After(u2fPause):
		case <-k.Context().Done():
		}
		a = k.sendAPDU(command)
	}
	return a
}

const (
	u2fPause    = 50 * time.Millisecond
	u2fPatience = 5 * time.Second
)

func (k *key) expectU2F(a u2fAnswer, want ...u2f.Status) {
	for _, s := range want {
		if a.status == s {
			return
		}
	}
	k.Differ(fmt.Sprint(want), a.status.String(), "the response has another status word")
	k.FailNow()
}

// u2fKey is what U2F_REGISTER made.
type u2fKey struct {
	handle []byte
	point  []byte
}

func (k *key) application() []byte {
	sum := sha256.Sum256([]byte(k.rp))
	return sum[:]
}

func registerAPDU(challenge, application []byte) []byte {
	return apdu(0, byte(u2f.InstructionRegister), 0, 0, append(bytes.Clone(challenge), application...))
}

func authenticateAPDU(control byte, challenge, application, handle []byte) []byte {
	return apdu(0, byte(u2f.InstructionAuthenticate), control, 0, authenticateData(challenge, application, handle))
}

func authenticateData(challenge, application, handle []byte) []byte {
	data := append(append(bytes.Clone(challenge), application...), byte(len(handle)))
	return append(data, handle...)
}

// register has the device make a key, and holds the answer to its layout (§4.3).
func (k *key) register() u2fKey {
	challenge := k.draw(32)
	return k.registered(k.touchedFor(registerAPDU(challenge, k.application())), challenge)
}

func (k *key) registered(a u2fAnswer, challenge []byte) u2fKey {
	k.expectU2F(a, u2f.NoError)
	d := a.data
	if len(d) < 67 || d[0] != 5 || d[1] != 4 || len(d) < 67+int(d[66]) {
		k.Fatalf("a registration of another layout: %x", d)
	}
	made := u2fKey{point: d[1:66], handle: d[67 : 67+int(d[66])]}
	rest := d[67+len(made.handle):]
	var certificate asn1.RawValue
	signature, err := asn1.Unmarshal(rest, &certificate)
	if err != nil {
		k.Fatalf("the attestation certificate: %v", err)
	}
	leaf, err := x509.ParseCertificate(certificate.FullBytes)
	if err != nil {
		k.Fatalf("the attestation certificate: %v", err)
	}
	signed := append([]byte{0}, k.application()...)
	signed = append(append(append(signed, challenge...), made.handle...), made.point...)
	if err := leaf.CheckSignature(x509.ECDSAWithSHA256, signed, signature); err != nil {
		k.Errorf("the signature of the registration does not verify: %v", err)
	}
	return made
}

// u2fSigned reads an authentication and verifies its signature (§5.4).
func (k *key) u2fSigned(a u2fAnswer, made u2fKey, challenge []byte) (presence byte, counter uint32) {
	k.expectU2F(a, u2f.NoError)
	if len(a.data) < 6 {
		k.Fatalf("an authentication of %d bytes", len(a.data))
	}
	signed := append(append(k.application(), a.data[:5]...), challenge...)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), made.point)
	if err != nil {
		k.Fatalf("the public key: %v", err)
	}
	if sum := sha256.Sum256(signed); !ecdsa.VerifyASN1(public, sum[:], a.data[5:]) {
		k.Errorf("the signature of the authentication does not verify")
	}
	return a.data[0], binary.BigEndian.Uint32(a.data[1:])
}

// u2fListed is met where getInfo says so, or where there is no CTAP2 that could.
var u2fListed = need{Name: "U2F_V2", Met: func(c *conformance.Check) bool {
	k := newKey(c)
	return k.isU2FAlone() || k.info().version(ctap.VersionU2FV2) && !k.info().option(ctap.OptionAlwaysUv)
}}

// u2fCases are those of U2F, and of its meeting with CTAP2 (§10).
func u2fCases() []testCase { return append(u2fCommandCases(), u2fFormCases()...) }

func u2fCommandCases() []testCase {
	const register, authenticate = "u2f/register/plain", "u2f/authenticate/plain"
	needs := func(more ...need) []need { return append([]need{u2fListed, legacy}, more...) }
	raw := func(section string) conformance.Spec { return conformance.Spec{Document: rawU2F, Section: section} }
	return []testCase{
		{
			ID: "u2f/version", Spec: raw("6"), Level: conformance.Must, Needs: needs(),
			Doc:     "U2F_VERSION is answered with U2F_V2.",
			Catches: []string{"u2f/version-other"},
			Run: on(func(k *key) {
				a := k.sendAPDU(apdu(0, byte(u2f.InstructionVersion), 0, 0, nil))
				k.expectU2F(a, u2f.NoError)
				if string(a.data) != "U2F_V2" {
					k.Differ("U2F_V2", fmt.Sprintf("%q", a.data), "another version")
				}
			}),
		},
		{
			ID: register, Spec: raw("4"), Level: conformance.Must, Needs: needs(),
			Doc: "U2F_REGISTER makes a key, with an attestation that verifies by its own certificate.",
			Run: on(func(k *key) { k.register() }),
		},
		{
			ID: authenticate, Spec: raw("5"), Level: conformance.Must, Needs: needs(),
			Doc: "U2F_AUTHENTICATE signs with the key, with the user presence byte 1 and a counter that rises, or is always 0.",
			Run: on(func(k *key) {
				made := k.register()
				last := uint32(0)
				for range 3 {
					challenge := k.draw(32)
					presence, counter := k.u2fSigned(k.touchedFor(authenticateAPDU(u2fEnforce, challenge, k.application(), made.handle)), made, challenge)
					if presence != 1 || counter <= last && (counter != 0 || last != 0) {
						k.Differ(fmt.Sprintf("presence 1, a counter above %d", last), fmt.Sprintf("presence %d, counter %d", presence, counter), "another presence or counter")
					}
					last = counter
				}
			}),
		},
		{
			ID: "u2f/authenticate/check-only", Spec: raw("5.1"), Level: conformance.Must, Needs: needs(),
			Doc: "Check-only says CONDITIONS_NOT_SATISFIED of a key that is there, and WRONG_DATA of another.",
			Catches: []string{
				"u2f/any-key-handle", "u2f/check-only-denies", "u2f/check-only-signs", "u2f/handle-length",
				"u2f/handle-length-for-status", "u2f/no-signature", "u2f/status-word-cut", "u2f/wrong-data-for-touch",
			},
			Run: on(func(k *key) {
				made := k.register()
				k.expectU2F(k.sendAPDU(authenticateAPDU(u2fCheckOnly, k.draw(32), k.application(), made.handle)), u2f.ConditionsNotSatisfied)
				k.expectU2F(k.sendAPDU(authenticateAPDU(u2fCheckOnly, k.draw(32), k.application(), k.draw(len(made.handle)))), u2f.WrongData)
			}),
		},
		{
			ID: "u2f/authenticate/other-application", Spec: raw("5.1"), Level: conformance.MustNot, Needs: needs(), Twin: authenticate,
			Doc: "A key does not sign for another application: the status word is WRONG_DATA.",
			Run: on(func(k *key) {
				made := k.register()
				for _, control := range []byte{u2fEnforce, u2fCheckOnly, u2fDontAsk} {
					k.expectU2F(k.sendAPDU(authenticateAPDU(control, k.draw(32), k.draw(32), made.handle)), u2f.WrongData)
				}
			}),
		},
		{
			ID: "u2f/authenticate/without-touch", Spec: raw("5.1"), Level: conformance.Must, Needs: needs(person), Twin: authenticate,
			Doc:     "A key that must be touched and is not answers CONDITIONS_NOT_SATISFIED.",
			Catches: []string{"u2f/signs-without-touch", "u2f/wrong-data-for-touch", "user/takes-silence-for-yes"},
			Run: on(func(k *key) {
				made := k.register()
				k.user(Ignore)
				k.expectU2F(k.sendAPDU(authenticateAPDU(u2fEnforce, k.draw(32), k.application(), made.handle)), u2f.ConditionsNotSatisfied)
			}),
		},
		{
			ID: "u2f/authenticate/nobody-asked", Spec: raw("5.1"), Level: conformance.Must, Needs: needs(person), Twin: authenticate,
			Doc:     "Where no touch is demanded and there is none, a signature says so, under the signature itself; or there is none.",
			Catches: []string{"u2f/presence-claimed"},
			Run: on(func(k *key) {
				made, challenge := k.register(), k.draw(32)
				k.user(Ignore)
				a := k.sendAPDU(authenticateAPDU(u2fDontAsk, challenge, k.application(), made.handle))
				if a.status == u2f.ConditionsNotSatisfied {
					return
				}
				if presence, _ := k.u2fSigned(a, made, challenge); presence != 0 {
					k.Differ("0", fmt.Sprint(presence), "the user presence byte says that somebody was there")
				}
			}),
		},
		{
			ID: "u2f/register/without-touch", Spec: raw("4.1"), Level: conformance.Must, Needs: needs(person), Twin: register,
			Doc:     "No key is made without a touch: the status word is CONDITIONS_NOT_SATISFIED.",
			Catches: []string{"u2f/registers-without-touch", "u2f/wrong-data-for-touch", "user/takes-silence-for-yes"},
			Run: on(func(k *key) {
				k.user(Ignore)
				k.expectU2F(k.sendAPDU(registerAPDU(k.draw(32), k.application())), u2f.ConditionsNotSatisfied)
			}),
		},
		{
			ID: "u2f/register/wrong-length", Spec: raw("3.3"), Level: conformance.Must, Needs: needs(), Twin: register,
			Doc: "A registration of another length than 64 bytes is answered with WRONG_LENGTH.",
			Run: on(func(k *key) {
				for _, n := range []int{1, 63, 65} {
					k.expectU2F(k.sendAPDU(apdu(0, byte(u2f.InstructionRegister), 0, 0, k.draw(n))), u2f.WrongLength)
				}
			}),
		},
		{
			ID: "u2f/unknown-instruction", Spec: raw("3.3"), Level: conformance.Must, Needs: needs(), Twin: "u2f/version",
			Doc: "An instruction that there is not is answered with INS_NOT_SUPPORTED.",
			Run: on(func(k *key) { k.expectU2F(k.sendAPDU(apdu(0, 0x05, 0, 0, nil)), u2f.InstructionNotSupported) }),
		},
		{
			ID: "u2f/unknown-class", Spec: raw("3.3"), Level: conformance.Must, Needs: needs(), Twin: "u2f/version",
			Doc: "A class that there is not is answered with CLA_NOT_SUPPORTED.",
			Run: on(func(k *key) {
				k.expectU2F(k.sendAPDU(apdu(0x40, byte(u2f.InstructionVersion), 0, 0, nil)), u2f.ClassNotSupported)
			}),
		},
		{
			ID: "u2f/meets-ctap2/u2f-key", Spec: at("10.3", ""), Level: conformance.Must, Needs: needs(),
			Doc:     "A key made by U2F signs for CTAP2, where the hash of rpId is its application.",
			Catches: []string{"rpidhash/of-origin", "rpidhash/other-rp", "rpidhash/zero"},
			Run: on(func(k *key) {
				made := k.register()
				s := k.asserted(k.send(k.authorise(k.use().with(gaAllowList, cbor.Array{descriptor(made.handle)}))))
				k.rpIDHash(s.data, k.rp)
			}),
		},
		{
			ID: "u2f/meets-ctap2/u2f-key-excluded", Spec: at("10.2", ""), Level: conformance.Must, Needs: needs(), Twin: "makecredential/exclude/miss",
			Doc: "A key made by U2F ends a makeCredential that excludes it.",
			Run: on(func(k *key) {
				made := k.register()
				k.expect(k.send(k.authorise(k.newCredential().with(mcExcludeList, cbor.Array{descriptor(made.handle)}))), ctap.CredentialExcluded)
			}),
		},
		{
			ID: "u2f/meets-ctap2/ctap2-key", Spec: at("10.3", ""), Level: conformance.Must, Needs: needs(),
			Doc:     "A credential for ES256 that is not discoverable signs for U2F.",
			Catches: []string{"u2f/counter-zero"},
			Run: on(func(k *key) {
				c := k.make(k.newCredential().with(mcParams, algorithms(algES256)))
				if len(c.id) > u2f.MaxKeyHandle || k.level() > 2 {
					k.Unsupportedf("needs credentials with IDs of at most 255 bytes that are not protected more than is asked for")
				}
				m, _ := c.data.publicKey.Value.(cbor.Map)
				point := append(append([]byte{4}, bytesIn(m, coseX)...), bytesIn(m, coseY)...)
				challenge := k.draw(32)
				k.u2fSigned(k.touchedFor(authenticateAPDU(u2fEnforce, challenge, k.application(), c.id)), u2fKey{c.id, point}, challenge)
			}),
		},
		{
			ID: "u2f/meets-ctap2/cred-protect-3", Spec: at("12.1", ""), Level: conformance.MustNot, Needs: needs(extension(ctap.ExtensionCredProtect)), Twin: "u2f/meets-ctap2/ctap2-key",
			Doc: "A credential of credProtect level 3 is not there for U2F.",
			Run: on(func(k *key) {
				c := k.make(extending(k.newCredential().with(mcParams, algorithms(algES256)), ctap.ExtensionCredProtect, 3))
				if len(c.id) > u2f.MaxKeyHandle {
					k.Unsupportedf("needs credential IDs of at most 255 bytes")
				}
				for _, control := range []byte{u2fEnforce, u2fCheckOnly} {
					k.expectU2F(k.sendAPDU(authenticateAPDU(control, k.draw(32), k.application(), c.id)), u2f.WrongData)
				}
			}),
		},
		{
			ID: "u2f/reset", Spec: at("6.6", "4"), Level: conformance.Must, Needs: needs(ctap2, power), Twin: authenticate,
			Doc:     "After a reset a key made by U2F before is none.",
			Catches: []string{"reset/keeps-secret"},
			Run: on(func(k *key) {
				made := k.register()
				k.resetNow()
				k.expectU2F(k.sendAPDU(authenticateAPDU(u2fCheckOnly, k.draw(32), k.application(), made.handle)), u2f.WrongData)
			}),
		},
		{
			ID: "u2f/always-uv", Spec: at("7.2.4", ""), Level: conformance.Must, Needs: needs(configCommand(ctap.ToggleAlwaysUv), anyToken, noBuiltInUV), Twin: authenticate,
			Doc: "While alwaysUv is on U2F neither makes keys nor signs: the status word is COMMAND_NOT_ALLOWED.",
			Run: on(func(k *key) {
				made := k.register()
				k.set(ctap.ToggleAlwaysUv, nil)
				k.expectU2F(k.sendAPDU(registerAPDU(k.draw(32), k.application())), u2f.CommandNotAllowed)
				k.expectU2F(k.sendAPDU(authenticateAPDU(u2fEnforce, k.draw(32), k.application(), made.handle)), u2f.CommandNotAllowed)
			}),
		},
	}
}
