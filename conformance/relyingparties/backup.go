package relyingparties

import (
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// backed is a registration with flags about backup.
func backed(flags byte) registration { return registration{flags: present | flags} }

var backupCases = []testCase{
	{
		ID: "registration/backup/eligible", Spec: at71("18"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration with the flag BE alone is accepted, where nothing was said against passkeys that can be backed up.",
		Run: backed(forge.BE).accepted(),
	},
	{
		ID: "registration/backup/backed-up", Spec: at71("18"), Level: conformance.Should, Twin: plainRegistration,
		Doc: "A registration with the flags BE and BS is accepted, where nothing was said against passkeys that can be backed up.",
		Run: backed(forge.BE | forge.BS).accepted(),
	},
	{
		ID: "login/backup/eligible-now", Spec: at72("19"), Level: conformance.Must, Needs: []need{keepsEligible}, Twin: plainLogin,
		Doc: "A login with the flag BE is refused where the registration was without: it is for life.",
		Run: login{flags: present | forge.BE}.refused(),
	},
	{
		ID: "login/backup/backed-up-now", Spec: at72("19"), Level: conformance.Must, Needs: []need{keepsEligible}, Twin: plainLogin,
		Doc: "A login with the flags BE and BS is refused where the registration was without.",
		Run: login{flags: present | forge.BE | forge.BS}.refused(),
	},
	{
		ID: "login/backup/not-eligible-now", Spec: at72("19"), Level: conformance.Must, Needs: []need{keepsEligible, takesEligible}, Twin: "login/backup/eligible",
		Doc: "A login without the flag BE is refused where the registration was with it: it is for life.",
		Run: login{register: backed(forge.BE), flags: present}.refused(),
	},
	{
		ID: "login/backup/not-eligible-after-backup", Spec: at72("19"), Level: conformance.Must, Needs: []need{keepsEligible, takesEligible}, Twin: "login/backup/backed-up",
		Doc: "A login without the flags BE and BS is refused where the registration was with both.",
		Run: login{register: backed(forge.BE | forge.BS), flags: present}.refused(),
	},
	{
		ID: "login/backup/state-without-eligible-after-backup", Spec: at72("18"), Level: conformance.Must, Needs: []need{takesEligible}, Twin: "login/backup/backed-up",
		Doc: "A login with the flag BS and without BE is refused where the registration was with both.",
		Run: login{register: backed(forge.BE | forge.BS), flags: present | forge.BS}.refused(),
	},
	{
		ID: "login/backup/eligible", Spec: at72("19"), Level: conformance.Must, Needs: []need{takesEligible}, Twin: plainLogin,
		Doc: "A login with the flag BE is accepted where the registration was with it.",
		Run: login{register: backed(forge.BE)}.accepted(),
	},
	{
		ID: "login/backup/backed-up", Spec: at72("19"), Level: conformance.Must, Needs: []need{takesEligible}, Twin: plainLogin,
		Doc: "A login with the flags BE and BS is accepted where the registration was with both.",
		Run: login{register: backed(forge.BE | forge.BS)}.accepted(),
	},
	{
		ID: "login/backup/state-set", Spec: at72("19"), Level: conformance.Should, Needs: []need{takesEligible}, Twin: "login/backup/eligible",
		Doc: "A login with the flag BS is accepted where the registration had BE alone: it has been backed up since.",
		Run: login{register: backed(forge.BE), flags: present | forge.BE | forge.BS}.accepted(),
	},
	{
		ID: "login/backup/state-cleared", Spec: at72("19"), Level: conformance.Should, Needs: []need{takesEligible}, Twin: "login/backup/backed-up",
		Doc: "A login without the flag BS is accepted where the registration was with BE and BS: the backup is gone.",
		Run: login{register: backed(forge.BE | forge.BS), flags: present | forge.BE}.accepted(),
	},
}

// keepsEligible is met where it matters whether a passkey can be backed up: elsewhere step
// 19 of §7.2 compares nothing.
var keepsEligible = chosen(switchBackup, "refuse")

// takesEligible is met where policy lets in passkeys that can be backed up.
var takesEligible = feature("passkeys that can be backed up", func(c *client) bool {
	return c.Once("eligible", func() any {
		o, _ := backed(forge.BE | forge.BS).attempt(c)
		return o.accepted
	}).(bool)
})
