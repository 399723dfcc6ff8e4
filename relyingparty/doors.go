package relyingparty

// Handlers that policy can close.

func withPasskeys(h handler) handler {
	return closable(problemPasskeysOff, func(p Policy) bool { return p.Passkeys }, h)
}

func withSignUp(h handler) handler {
	return closable(problemSignUpOff, func(p Policy) bool { return p.SignUp }, h)
}

func withPasswordSignUp(h handler) handler {
	return withSignUp(closable(problemPasswordOff, func(p Policy) bool { return p.PasswordSignUp }, h))
}

func withPasswordReset(h handler) handler {
	return closable(problemResetOff, func(p Policy) bool { return p.PasswordReset }, h)
}

func closable(key problemKey, open func(Policy) bool, h handler) handler {
	return func(v *visit) error {
		if !open(v.policy) {
			return fail(key)
		}
		return h(v)
	}
}
