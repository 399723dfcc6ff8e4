package authenticator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// creationInputs are the extensions with inputs that each answers. hmac-secret-mc
// needs more and has a row of its own.
var creationInputs = map[string]any{
	ctap.ExtensionCredProtect:         2,
	ctap.ExtensionCredBlob:            []byte{1},
	ctap.ExtensionLargeBlobKey:        true,
	ctap.ExtensionLargeBlob:           members{"support": ctap.LargeBlobPreferred},
	ctap.ExtensionMinPINLength:        true,
	ctap.ExtensionPINComplexityPolicy: true,
	ctap.ExtensionHMACSecret:          true,
	ctap.ExtensionThirdPartyPayment:   true,
	ctap.ExtensionUVM:                 true,
}

// extensionClaims: what is listed answers, and looks at its input; what is not is
// ignored, whatever its input.
func extensionClaims() []claim {
	listing := func(id string) func(*owner) bool {
		return func(o *owner) bool { return slices.Contains(o.info.Extensions, id) }
	}
	claims := []claim{{"hmac-secret-mc answers", listing(ctap.ExtensionHMACSecretMC), (*owner).evaluatesAtCreation}}
	for id, input := range creationInputs {
		claims = append(claims,
			claim{id + " answers", listing(id), func(o *owner) bool { return o.answers(id, input) }},
			claim{id + " minds its input", listing(id), func(o *owner) bool { return !o.makes(with(id, 1.5)) }},
		)
	}
	return claims
}

// answers reports whether an extension has anything to say, at creation or in an
// assertion after it.
func (o *owner) answers(id string, input any) bool {
	made, err := ctap.Call(o.r.ctx(), o.r, o.making(with(id, input)))
	require.NoError(o.r.t, err)
	_, signed := said(o.r.t, made.AuthData)[id]
	_, unsigned := made.UnsignedExtensionOutputs[id]
	if id == ctap.ExtensionThirdPartyPayment {
		used, err := ctap.Call(o.r.ctx(), o.r, o.signing(asking(id, true), allowing(parse(o.r.t, made.AuthData).Attested.CredentialID)))
		require.NoError(o.r.t, err)
		_, signed = said(o.r.t, used.AuthData)[id]
	}
	return signed || unsigned || made.LargeBlobKey != nil
}

func (o *owner) evaluatesAtCreation() bool {
	if len(o.info.PinUvAuthProtocols) == 0 {
		return false
	}
	in, _ := o.salted(salt1)
	made, err := ctap.Call(o.r.ctx(), o.r, o.making(with(ctap.ExtensionHMACSecret, true), with(ctap.ExtensionHMACSecretMC, in)))
	require.NoError(o.r.t, err)
	return said(o.r.t, made.AuthData)[ctap.ExtensionHMACSecretMC] != nil
}

// memberClaims are the members that say what a device has (§6.4).
func memberClaims() []claim {
	claims := []claim{
		{"0x11 preferredPlatformUvAttempts above 1", func(o *owner) bool { return o.info.PreferredPlatformUvAttempts > 1 }, func(o *owner) bool {
			o.r.user.WrongFinger(1)
			return o.info.Option(ctap.OptionUV) && o.info.Option(ctap.OptionPinUvAuthToken) && ctap.StatusOf(o.grant("", ga, "example.com")) == ctap.UVInvalid
		}},
		{"0x12 uvModality", func(o *owner) bool { return o.info.UvModality != 0 }, present(ctap.OptionUV)},
		{"0x17 uvCountSinceLastPinEntry", func(o *owner) bool { return o.info.UvCountSinceLastPinEntry != nil },
			both(present(ctap.OptionUV), present(ctap.OptionClientPIN))},
		{"0x18 longTouchForReset", func(o *owner) bool { return o.info.LongTouchForReset != nil }, func(o *owner) bool {
			return o.configures(ctap.EnableLongTouchForReset, nil) || !o.resetsBy(authenticator.Tap)
		}},
		{"0x18 longTouchForReset true", func(o *owner) bool { return o.info.LongTouchForReset != nil && *o.info.LongTouchForReset }, func(o *owner) bool {
			return !o.resetsBy(authenticator.Tap) && o.resetsBy(authenticator.Approve)
		}},
		{"0x19 encIdentifier", option(ctap.OptionPerCredMgmtRO), func(o *owner) bool {
			return o.info.EncIdentifier == nil && o.authorise(pcmr) && o.r.info().EncIdentifier != nil
		}},
		{"0x1E encCredStoreState", option(ctap.OptionPerCredMgmtRO), func(o *owner) bool {
			return o.info.EncCredStoreState == nil && o.authorise(pcmr) && o.r.info().EncCredStoreState != nil
		}},
		{"0x1B pinComplexityPolicy", func(o *owner) bool { return o.info.PinComplexityPolicy != nil }, func(o *owner) bool {
			return o.configures(ctap.SetMinPINLength, minPIN{PINComplexityPolicy: ptr(true)}) &&
				o.info.Option(ctap.OptionClientPIN) && o.changePIN(pin, "111111") == ctap.PINPolicyViolation
		}},
		{"0x1B pinComplexityPolicy true", func(o *owner) bool { return o.info.PinComplexityPolicy != nil && *o.info.PinComplexityPolicy }, func(o *owner) bool {
			return o.info.Option(ctap.OptionClientPIN) && o.changePIN(pin, "111111") == ctap.PINPolicyViolation
		}},
		{"0x15 vendorPrototypeConfigCommands", func(o *owner) bool { return o.info.VendorPrototypeConfigCommands != nil }, func(o *owner) bool {
			return o.configures(ctap.VendorPrototype, ctap.VendorPrototypeParams{VendorCommandID: ptr(uint64(99))})
		}},
		{"0x15 a command", func(o *owner) bool { return len(o.info.VendorPrototypeConfigCommands) > 0 }, func(o *owner) bool {
			worked := 0
			for _, id := range o.info.VendorPrototypeConfigCommands {
				require.True(o.r.t, o.authorise(acfg))
				assert.Equal(o.r.t, ctap.OK, o.configure(ctap.VendorPrototype, ctap.VendorPrototypeParams{VendorCommandID: &id}))
				worked++
			}
			return worked > 0
		}},
	}
	return slices.Concat(claims, protocolClaims(), algorithmClaims(), transportClaims(), formatClaims(), configClaims())
}

func (o *owner) resetsBy(act authenticator.Act) bool {
	o.r.user.Always(act)
	over := o.r.ctx()
	if len(o.info.TransportsForReset) > 0 {
		over = authenticator.Over(over, o.info.TransportsForReset[0])
	}
	_, err := o.r.Do(over, &ctap.ResetRequest{})
	return err == nil
}

func protocolClaims() (claims []claim) {
	for number := range uint64(4) {
		claims = append(claims, claim{fmt.Sprintf("0x06 protocol %d", number),
			func(o *owner) bool {
				return number == 0 || number == 3 || slices.Contains(o.info.PinUvAuthProtocols, number)
			},
			func(o *owner) bool {
				got := o.r.status(&ctap.ClientPINRequest{SubCommand: ctap.GetKeyAgreement, PinUvAuthProtocol: &number}) == ctap.OK
				return got != (number == 0 || number == 3)
			},
		})
	}
	return claims
}

func algorithmClaims() (claims []claim) {
	for _, alg := range everyAlgorithm {
		claims = append(claims, claim{fmt.Sprintf("0x0A %s", alg),
			func(o *owner) bool { return contains(o.info.Algorithms, alg) },
			func(o *owner) bool { return o.makes(params(int64(alg))) },
		})
	}
	return claims
}

// transportClaims: where getInfo says nothing, a reset works over each.
func transportClaims() (claims []claim) {
	for _, transport := range []string{webauthn.TransportUSB, webauthn.TransportNFC, webauthn.TransportBLE} {
		claims = append(claims, claim{"0x1A reset over " + transport,
			func(o *owner) bool {
				return o.info.TransportsForReset == nil || slices.Contains(o.info.TransportsForReset, transport)
			},
			func(o *owner) bool {
				_, err := o.r.Do(authenticator.Over(o.r.ctx(), transport), &ctap.ResetRequest{})
				return err == nil
			},
		})
	}
	return claims
}

// formatClaims: a format that is listed can be had for the asking; "none" can
// always, and is never listed.
func formatClaims() (claims []claim) {
	for _, format := range []string{webauthn.FormatPacked, webauthn.FormatFIDOU2F, webauthn.FormatNone} {
		claims = append(claims, claim{"0x16 " + format,
			func(o *owner) bool {
				assert.NotContains(o.r.t, o.info.AttestationFormats, webauthn.FormatNone)
				return format == webauthn.FormatNone || slices.Contains(o.info.AttestationFormats, format)
			},
			func(o *owner) bool {
				made, err := ctap.Call(o.r.ctx(), o.r, o.making(func(req *ctap.MakeCredentialRequest) {
					req.AttestationFormatsPreference = []string{format}
				}))
				require.NoError(o.r.t, err)
				return made.Format == format
			},
		})
	}
	return claims
}

func configClaims() (claims []claim) {
	for _, sub := range []ctap.SubCommand{
		ctap.EnableEnterpriseAttestation, ctap.ToggleAlwaysUv, ctap.SetMinPINLength, ctap.EnableLongTouchForReset, ctap.VendorPrototype,
	} {
		claims = append(claims, claim{fmt.Sprintf("0x1F subcommand 0x%02X", uint64(sub)),
			func(o *owner) bool { return slices.Contains(o.info.AuthenticatorConfigCommands, uint64(sub)) },
			func(o *owner) bool { return o.configures(sub, nil) },
		})
	}
	return claims
}

// limit is a member that says where something ends. fits tries n of it on a device
// of its own; beyond is one step outside.
type limit struct {
	says   string
	value  func(*ctap.GetInfoResponse) (n uint64, has bool)
	beyond int
	fits   func(o *owner, n int) bool
}

var limits = []limit{
	{"0x0D minPINLength", func(i *ctap.GetInfoResponse) (uint64, bool) { return i.MinPINLength, i.MinPINLength > 0 }, -1, (*owner).takesPIN},
	{"0x1D maxPINLength", func(i *ctap.GetInfoResponse) (uint64, bool) { return i.MaxPINLength, i.MaxPINLength > 0 }, +1, (*owner).takesPIN},
	{"0x0F maxCredBlobLength", func(i *ctap.GetInfoResponse) (uint64, bool) { return i.MaxCredBlobLength, i.MaxCredBlobLength > 0 }, +1, (*owner).takesCredBlob},
	{"0x0B maxSerializedLargeBlobArray", func(i *ctap.GetInfoResponse) (uint64, bool) {
		return i.MaxSerializedLargeBlobArray, i.MaxSerializedLargeBlobArray > 0
	}, +1, func(o *owner, n int) bool { return o.authorise(lbw) && o.write(make([]byte, n), 0, 17) == ctap.OK }},
	{"0x10 maxRPIDsForSetMinPINLength", func(i *ctap.GetInfoResponse) (uint64, bool) { return valueOf(i.MaxRPIDsForSetMinPINLength) }, +1, (*owner).takesRPIDs},
	{"0x14 remainingDiscoverableCredentials", func(i *ctap.GetInfoResponse) (uint64, bool) {
		return valueOf(i.RemainingDiscoverableCredentials)
	}, +1, (*owner).keeps},
}

func valueOf(n *uint64) (uint64, bool) {
	if n == nil {
		return 0, false
	}
	return *n, true
}

func (o *owner) takesPIN(n int) bool {
	return o.changePIN(pin, ("1" + strings.Repeat("30", 31) + "4")[64-n:]) == ctap.OK
}

func (o *owner) takesCredBlob(n int) bool {
	made, err := ctap.Call(o.r.ctx(), o.r, o.making(with(ctap.ExtensionCredBlob, make([]byte, n))))
	require.NoError(o.r.t, err)
	return string(said(o.r.t, made.AuthData)[ctap.ExtensionCredBlob]) == "\xf5"
}

func (o *owner) takesRPIDs(n int) bool {
	rpIDs := slices.Repeat([]string{"a.test"}, n)
	return o.authorise(acfg) && o.configure(ctap.SetMinPINLength, minPIN{MinPINLengthRPIDs: rpIDs}) == ctap.OK
}

// keeps reports whether so many more discoverable credentials find room.
func (o *owner) keeps(n int) bool {
	for i := range n {
		if status := o.r.status(o.making(forUser(fmt.Sprint(i)))); status != ctap.OK {
			assert.Equal(o.r.t, ctap.KeyStoreFull, status)
			return false
		}
	}
	if left, told := valueOf(o.r.info().RemainingDiscoverableCredentials); told {
		assert.Equal(o.r.t, *o.info.RemainingDiscoverableCredentials-uint64(n), left)
	}
	return true
}

// What a member says fits, and one more, or less, does not.
func TestGetInfoLimits(t *testing.T) {
	t.Parallel()
	for _, l := range limits {
		told := make(map[uint64]bool)
		for _, model := range claimingModels() {
			n, has := l.value(newOwner(t, model).info)
			if !has {
				continue
			}
			told[n] = true
			assert.True(t, l.fits(newOwner(t, model), int(n)), "%s: %s %d", model.Name, l.says, n)
			assert.False(t, l.fits(newOwner(t, model), int(n)+l.beyond), "%s: %s is %d", model.Name, l.says, n)
		}
		assert.Greater(t, len(told), 1, "%s: models with other values", l.says)
	}
}
