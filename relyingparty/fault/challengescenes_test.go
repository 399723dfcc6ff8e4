package fault_test

import (
	"encoding/json"
	"time"
)

func challengeScenes() []scene {
	const minute = time.Minute + time.Second
	return []scene{
		{name: "registration, late", play: func(s *stage) string {
			k := newKey(s.t, "first")
			options := s.toRegister("alice", nil)
			*s.clock = s.clock.Add(minute)
			return verdict(s.registered(k.create(s.t, options)))
		}},
		{name: "login, late", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			options := s.toLogIn("alice", nil)
			*s.clock = s.clock.Add(minute)
			return verdict(s.loggedIn(k.get(s.t, options)))
		}},
		{name: "login, replayed", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			response := k.get(s.t, s.toLogIn("alice", nil))
			first := s.loggedIn(response)
			return verdict(first && s.loggedIn(response))
		}},
		{name: "login, again after a refusal", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			options := s.toLogIn("alice", nil)
			good := k.get(s.t, options)
			k.sign = newKey(s.t, "stranger").sign
			return verdict(!s.loggedIn(k.get(s.t, options)) && s.loggedIn(good))
		}},
		{name: "login, in another session", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			return verdict(s.other().loggedIn(k.get(s.t, s.toLogIn("alice", nil))))
		}},
		{name: "login, in another session that has begun one", play: func(s *stage) string {
			k, o := newKey(s.t, "first"), s.other()
			s.began("alice", k)
			o.toLogIn("alice", nil)
			return verdict(o.loggedIn(k.get(s.t, s.toLogIn("alice", nil))))
		}},
		{name: "registration, in another session that has begun one", play: func(s *stage) string {
			k, o := newKey(s.t, "first"), s.other()
			o.toRegister("bob", nil)
			return verdict(o.registered(k.create(s.t, s.toRegister("alice", nil))))
		}},
		{name: "login, with the challenge of a registration", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			options := s.toLogIn("alice", nil)
			options["challenge"] = s.toRegister("alice", nil)["challenge"]
			return verdict(s.loggedIn(k.get(s.t, options)))
		}},
		{name: "registration, with the challenge of a login", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			options := s.toRegister("alice", nil)
			options["challenge"] = s.toLogIn("alice", nil)["challenge"]
			return verdict(s.registered(newKey(s.t, "second").create(s.t, options)))
		}},
		{name: "login, with nothing begun", play: func(s *stage) string {
			k := newKey(s.t, "first")
			s.began("alice", k)
			return verdict(s.loggedIn(k.get(s.t, object{"challenge": encode(make([]byte, 32))})))
		}},
	}
}

// laidOptions is options as JSON with members in order, without what is new each time.
func laidOptions(options object) string {
	delete(options, "status")
	delete(options, "errorMessage")
	delete(options, "challenge")
	out, err := json.Marshal(options)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// optionsScenes end with options, laid out as JSON with members in order.
func optionsScenes() []scene {
	laid := laidOptions
	asked := object{
		"attestation": "direct", "extensions": object{"example.extension": true},
		"authenticatorSelection": object{"requireResidentKey": true, "userVerification": "discouraged"},
	}
	second := func(s *stage) {
		s.began("alice", newKey(s.t, "first"))
		s.began("alice", newKey(s.t, "second"))
	}
	challenges := func(s *stage) []string {
		return []string{s.toRegister("alice", nil)["challenge"].(string), s.toRegister("bob", nil)["challenge"].(string)}
	}
	return []scene{
		{name: "options, of a first registration", play: func(s *stage) string { return laid(s.toRegister("alice", asked)) }},
		{name: "options, of a third registration", play: func(s *stage) string { second(s); return laid(s.toRegister("alice", asked)) }},
		{name: "options, of another user", play: func(s *stage) string { s.toRegister("alice", nil); return laid(s.toRegister("bob", nil)) }},
		{name: "options, of a login", play: func(s *stage) string {
			second(s)
			return laid(s.toLogIn("alice", object{"userVerification": "required", "extensions": object{"example.extension": true}}))
		}},
		{name: "challenge, size", play: func(s *stage) string { return encode(make([]byte, len(decode(s.t, challenges(s)[0])))) }},
		{name: "challenge, one and the next", play: func(s *stage) string {
			two := challenges(s)
			if two[0] == two[1] {
				return "the same"
			}
			return two[0] + " " + two[1]
		}},
	}
}
