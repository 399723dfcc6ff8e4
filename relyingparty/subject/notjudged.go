package subject

// NotJudged are mistakes that no case can tell, by ID, with the reason.
func NotJudged() map[string]string {
	return map[string]string{
		"rp/state/passkeys-unlimited":    "how many passkeys an account may have is for the relying party to say; TestPages in relyingparty/fault sees it at the site",
		"rp/state/reset-links-forever":   "it is about mailed links, of which WebAuthn knows nothing; TestPolicyOfFaults in relyingparty/fault sees it",
		"rp/state/sessions-forever":      "it is about sessions after a login, of which WebAuthn knows nothing; TestPages in relyingparty/fault sees it",
		"rp/state/sign-up-though-closed": "whether strangers may sign up is for the relying party to say, and the interface has everybody sign up; TestPolicyOfFaults in relyingparty/fault sees it",
	}
}
