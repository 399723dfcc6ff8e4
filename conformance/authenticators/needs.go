package authenticators

import (
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

type need = conformance.Need

// feature is a need that getInfo tells about.
func feature(name string, has func(*info) bool) need {
	return need{Name: name, Met: func(c *conformance.Check) bool { return has(newKey(c).info()) }}
}

func optionTrue(id string) need {
	return feature("option "+id, func(i *info) bool { return i.option(id) })
}

func optionListed(id string) need {
	return feature("option "+id+", on or off", func(i *info) bool { return i.listed(id) })
}

func extension(id string) need {
	return feature("extension "+id, func(i *info) bool { return i.extension(id) })
}

func protocolNumber(n int) need {
	return feature(fmt.Sprintf("PIN/UV auth protocol %d", n), func(i *info) bool { return slices.Contains(i.protocols, n) })
}

func configCommand(sub ctap.SubCommand) need {
	return feature(fmt.Sprintf("subcommand 0x%02X of authenticatorConfig", uint64(sub)), func(i *info) bool {
		if !i.option(ctap.OptionAuthnrCfg) {
			return false
		}
		switch sub {
		case ctap.EnableEnterpriseAttestation:
			return i.listed(ctap.OptionEP)
		case ctap.ToggleAlwaysUv:
			return i.listed(ctap.OptionAlwaysUv) && !i.option(ctap.OptionAlwaysUv) // which may be for good
		case ctap.SetMinPINLength:
			return i.option(ctap.OptionSetMinPINLength)
		}
		return slices.Contains(i.uints(infoConfigCommands), uint64(sub))
	})
}

var (
	ctap2     = feature("CTAP2", func(*info) bool { return true }) // without it there is no info
	atLeast21 = feature("CTAP 2.1 or later", (*info).atLeast21)
	version23 = feature("CTAP 2.3", func(i *info) bool { return i.version(ctap.VersionFIDO23) })

	residentKeys   = optionTrue(ctap.OptionRK)
	clientPIN      = feature("a client PIN", func(i *info) bool { return i.listed(ctap.OptionClientPIN) })
	builtInUV      = feature("built-in user verification that is set up", func(i *info) bool { return i.option(ctap.OptionUV) })
	noBuiltInUV    = feature("no built-in user verification", func(i *info) bool { return !i.option(ctap.OptionUV) })
	pinUvAuthToken = optionTrue(ctap.OptionPinUvAuthToken)
	pinForKeys     = feature("a client PIN whose tokens serve ceremonies", func(i *info) bool {
		return i.listed(ctap.OptionClientPIN) && i.pinServesCeremonies()
	})
	pinToken = feature("pinUvAuthTokens got by PIN", func(i *info) bool {
		return i.listed(ctap.OptionClientPIN) && i.option(ctap.OptionPinUvAuthToken)
	})
	uvToken = feature("pinUvAuthTokens got by built-in user verification", func(i *info) bool {
		return i.option(ctap.OptionUV) && i.option(ctap.OptionPinUvAuthToken)
	})
	anyToken = feature("pinUvAuthTokens", func(i *info) bool {
		return i.option(ctap.OptionPinUvAuthToken) && (i.listed(ctap.OptionClientPIN) || i.option(ctap.OptionUV))
	})
	keyAgreement = feature("a PIN/UV auth protocol", func(i *info) bool { return len(i.protocols) > 0 })
	credMgmt     = optionTrue(ctap.OptionCredMgmt)
	readOnlyMgmt = optionTrue(ctap.OptionPerCredMgmtRO)
	largeBlobs   = optionTrue(ctap.OptionLargeBlobs)
	authnrCfg    = optionTrue(ctap.OptionAuthnrCfg)
	bioEnroll    = optionListed(ctap.OptionBioEnroll)
)

// The bench.
var (
	person = benchNeed("a user whom a program tells what to do", func(d any) bool { _, ok := d.(Person); return ok })
	power  = benchNeed("power that a program can cut", func(d any) bool { _, ok := d.(Power); return ok })
	clock  = benchNeed("a clock that a program can move", func(d any) bool { _, ok := d.(Clock); return ok })
	legacy = benchNeed("a way to send U2F commands", func(d any) bool { _, ok := d.(Legacy); return ok })
)

func benchNeed(name string, has func(device any) bool) need {
	return need{Name: name, Bench: true, Met: func(c *conformance.Check) bool { return has(c.Subject) }}
}

// sized is met by every device, and has getInfo asked for maxMsgSize before it is spoken
// to below messages.
var sized = need{Name: "an answer to getInfo, or U2F alone", Met: func(c *conformance.Check) bool {
	k := newKey(c)
	return k.isU2FAlone() || k.info() != nil
}}

// ceremonyToken is met where some token makes credentials and signs.
var ceremonyToken = feature("pinUvAuthTokens that serve ceremonies", func(i *info) bool {
	return i.option(ctap.OptionPinUvAuthToken) && canVerify(i)
})

// touchSigns is met where a touch is enough to sign.
var touchSigns = need{Name: "assertions without user verification", Met: func(c *conformance.Check) bool {
	k := newKey(c)
	return !k.info().option(ctap.OptionAlwaysUv) && k.level() == 1
}}

// levelOne is met where credentials are of credProtect level 1 unless more is asked
// for, so that nobody need be verified to see them.
var levelOne = need{Name: "credentials that are not protected more than is asked for", Met: func(c *conformance.Check) bool { return newKey(c).level() == 1 }}

// touchAlone is met where a touch is enough to make a credential.
var touchAlone = feature("credentials without user verification", func(i *info) bool {
	return !i.option(ctap.OptionAlwaysUv) && (!i.protected() || i.option(ctap.OptionMakeCredUvNotRqd))
})
