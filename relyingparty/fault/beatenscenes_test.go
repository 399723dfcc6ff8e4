package fault_test

import "slices"

// beatenScenes are off the beaten track: what is wrong where something else is unusual,
// and what people do between one another.
func beatenScenes() []scene {
	flip := func(s []byte) []byte { s[len(s)-1] ^= 1; return s }
	wrong := func(edit edits) edits { return func(k *key) { edit(k); k.signature = flip } }
	return []scene{
		loggingIn("bit flipped, and no user handle", wrong(func(k *key) { k.handle = nil })),
		loggingIn("bit flipped, and nobody verified", wrong(func(k *key) { k.flags = up }), object{"userVerification": "discouraged"}),
		afterward("bit flipped, and no counter", func(k *key) { k.counter = 0 }, wrong(func(*key) {})),
		afterward("bit flipped, and backed up", func(k *key) { k.flags |= be | bs }, wrong(func(k *key) { k.flags |= be | bs })),
		loggingIn("bit flipped, and outputs of extensions", wrong(func(k *key) { k.flags |= ed; k.tail = []byte{0xa1, 0x61, 'x', 0xf5} })),
		loggingIn("bit flipped, and the platform's", wrong(outer(func(o object) { o["authenticatorAttachment"] = "platform" }))),
		loggingIn("bit flipped, and nobody's", wrong(outer(func(o object) { delete(o, "authenticatorAttachment") }))),
		loggingIn("signed without the outputs of extensions", func(k *key) {
			k.flags |= ed
			k.tail = []byte{0xa1, 0x61, 'x', 0xf5}
			k.message = func(auth, _, hash []byte) []byte { return append(auth[:37:37], hash...) }
		}),
		loggingIn("user handle: in another case", func(k *key) {
			k.handle = slices.Clone(k.handle)
			for i, c := range k.handle {
				if c |= 0x20; 'a' <= c && c <= 'z' {
					k.handle[i] ^= 0x20
				}
			}
		}),
		loggingIn("ID in another case", ids(func(s string) string { return swapCase(s[:len(s)-1]) + s[len(s)-1:] })),
		{name: "login, after somebody else asked", play: func(s *stage) string {
			k, o := newKey(s.t, "first"), s.other()
			s.began("alice", k)
			options := s.toLogIn("alice", nil)
			o.toRegister("bob", nil)
			return verdict(s.loggedIn(k.get(s.t, options)))
		}},
		{name: "login, nobody verified, after somebody else asked for less", play: func(s *stage) string {
			k, o := newKey(s.t, "first"), s.other()
			s.began("alice", k)
			options := s.toLogIn("alice", object{"userVerification": "required"})
			o.toRegister("bob", object{"authenticatorSelection": object{"userVerification": "discouraged"}})
			k.flags = up
			return verdict(s.loggedIn(k.get(s.t, options)))
		}},
		{name: "login, after one that was refused had a larger counter", play: func(s *stage) string {
			k := newKey(s.t, "first")
			k.counter = 5
			s.began("alice", k)
			right, counter := k.sign, k.counter
			k.sign, k.counter = newKey(s.t, "stranger").sign, 5000
			if s.loggedIn(k.get(s.t, s.toLogIn("alice", nil))) {
				return accepted // it was not refused
			}
			k.sign, k.counter = right, counter+1
			return verdict(s.loggedIn(k.get(s.t, s.toLogIn("alice", nil))))
		}},
	}
}
