package fault

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"sync"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// record remembers the ceremonies that began. It keeps the last of them.
type record struct {
	mu  sync.Mutex
	all []ceremony.Waiting // oldest first
}

// longestRecord bounds how many ceremonies are remembered.
const longestRecord = 1000

func (r *record) begun(w ceremony.Waiting) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) == longestRecord {
		r.all = append(r.all[:0:0], r.all[1:]...)
	}
	r.all = append(r.all, w)
}

// last is the newest ceremony that is like one wanted; nil for none.
func (r *record) last(like func(ceremony.Waiting) bool) any {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.all) - 1; i >= 0; i-- {
		if like(r.all[i]) {
			return r.all[i].What
		}
	}
	return nil
}

// answering makes seams that find a ceremony for a response that there is none for: the
// newest that is like the one named.
func answering(like func(named, begun ceremony.Waiting) bool) relyingparty.Seams {
	r := new(record)
	return onCeremonies(ceremony.Seams{
		Begun: r.begun,
		Taken: func(w ceremony.Waiting) any {
			if w.What != nil {
				return w.What
			}
			return r.last(func(b ceremony.Waiting) bool {
				return b.Door == w.Door && (b.Ceremony == w.Ceremony || w.Ceremony == "") && like(w, b)
			})
		},
	})
}

func sameSession(named, begun ceremony.Waiting) bool { return named.Session == begun.Session }

func sameName(named, begun ceremony.Waiting) bool { return named.Name == begun.Name }

func samePlace(named, begun ceremony.Waiting) bool {
	return sameSession(named, begun) && sameName(named, begun)
}

// expecting changes the challenge that client data are held to, given theirs.
func expecting(change func(expected, got string) string) relyingparty.Seams {
	return at(held(func(v *ceremony.Verification) { v.Challenge = change(v.Challenge, v.Client.Challenge) }), clientDataSteps...)
}

// expectingAnother expects what the response has where alike says that it will do.
func expectingAnother(alike func(expected, got string) bool) relyingparty.Seams {
	return both(answering(func(named, begun ceremony.Waiting) bool {
		return sameSession(named, begun) && (begun.Name == "" || alike(begun.Name, named.Name))
	}),
		expecting(func(expected, got string) string {
			if alike(expected, got) {
				return got
			}
			return expected
		}))
}

// drawing replaces challenges by what is made of them.
func drawing(make func(drawn []byte) []byte) relyingparty.Seams {
	return onCeremonies(ceremony.Seams{Challenge: func(_ ceremony.Ceremony, drawn []byte) []byte { return make(drawn) }})
}

// usable has challenges remain good after they were answered, wherever that is told again:
// a login has begun another session by then.
func usable() relyingparty.Seams {
	r := new(record)
	var mu sync.Mutex
	answered := map[any]bool{}
	return both(onCeremonies(ceremony.Seams{
		Begun: r.begun,
		Taken: func(w ceremony.Waiting) any {
			mu.Lock()
			defer mu.Unlock()
			if w.What != nil {
				if len(answered) == longestRecord {
					clear(answered)
				}
				answered[w.What] = true
				return w.What
			}
			return r.last(func(b ceremony.Waiting) bool {
				return b.Door == w.Door && sameName(b, w) && (b.Name != "" || sameSession(b, w)) && answered[b.What]
			})
		},
	}), at(leftOut, ceremony.StepChallengeUsed))
}

// anything is a challenge that every other is like.
const anything = "anything"

// undemanded finds a ceremony for a response in a session that has begun none, and does
// not hold it to its challenge.
func undemanded() relyingparty.Seams {
	r := new(record)
	var mu sync.Mutex
	latest, loose := "", map[string]bool{}
	begun := map[any]string{} // the challenges of ceremonies
	return both(onCeremonies(ceremony.Seams{
		Challenge: func(_ ceremony.Ceremony, drawn []byte) []byte {
			mu.Lock()
			defer mu.Unlock()
			latest = base64.RawURLEncoding.EncodeToString(drawn)
			return drawn
		},
		Begun: func(w ceremony.Waiting) {
			mu.Lock()
			defer mu.Unlock()
			if len(begun) < longestRecord {
				begun[w.What] = latest
			}
			r.begun(w)
		},
		Taken: func(w ceremony.Waiting) any {
			if w.What != nil || r.last(func(b ceremony.Waiting) bool { return sameSession(b, w) && b.Ceremony == w.Ceremony }) != nil {
				return w.What
			}
			what := r.last(func(b ceremony.Waiting) bool { return b.Ceremony == w.Ceremony })
			mu.Lock()
			defer mu.Unlock()
			loose[begun[what]] = true
			return what
		},
	}), both(at(leftOutIf(func(v *ceremony.Verification) bool {
		mu.Lock()
		defer mu.Unlock()
		return loose[v.Challenge]
	}), ceremony.StepChallengeUsed, ceremony.StepChallengeExpired), expecting(func(expected, got string) string {
		mu.Lock()
		defer mu.Unlock()
		if loose[expected] {
			return got
		}
		return expected
	})))
}

func challengeFaults() []Fault {
	const compared = "WebAuthn L3 §7.1 step 8, §7.2 step 11"
	const kept = "WebAuthn L3 §13.4.3"
	return []Fault{
		{
			ID: "rp/challenge/any", Spec: compared,
			Doc:   "The challenge in client data is not compared with the one that was sent.",
			Seams: expectingAnother(func(string, string) bool { return true }),
		}, {
			ID: "rp/challenge/prefix", Spec: compared,
			Doc: "Only the first 16 characters of the challenge are compared.",
			Seams: expectingAnother(func(expected, got string) bool {
				return len(got) >= 16 && strings.HasPrefix(expected, got[:16])
			}),
		}, {
			ID: "rp/challenge/suffix", Spec: "WebAuthn L3 §7.1 step 8, §7.2 step 11",
			Doc:   "The challenge in client data has only to end with the one that was sent.",
			Seams: expectingAnother(func(expected, got string) bool { return strings.HasSuffix(got, expected) }),
		}, {
			ID: "rp/challenge/case-insensitive", Spec: compared,
			Doc:   "The challenge is compared without regard to capitals, of which base64url makes a difference.",
			Seams: expectingAnother(strings.EqualFold),
		}, {
			ID: "rp/challenge/empty-accepted", Spec: compared,
			Doc:   "Client data without a challenge, or with an empty one, are accepted.",
			Seams: expectingAnother(func(_, got string) bool { return got == "" }),
		}, {
			ID: "rp/challenge/padding-accepted", Spec: compared + ", §3 (Base64url Encoding)",
			Doc:   "The challenge in client data may have padding.",
			Seams: expectingAnother(func(expected, got string) bool { return strings.TrimRight(got, "=") == expected }),
		}, {
			ID: "rp/challenge/standard-alphabet", Spec: compared + ", §3 (Base64url Encoding)",
			Doc: "The challenge in client data may be base64 of the standard alphabet, with padding.",
			Seams: expectingAnother(func(expected, got string) bool {
				return strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(got), "=") == expected
			}),
		}, {
			ID: "rp/challenge/compared-loosely", Spec: compared,
			Doc: "A challenge that is true, or zero, is taken for the one expected, as comparing with == did in PHP.",
			Seams: both(onClientData(func(data []byte) []byte {
				in := objectOf(bytes.TrimPrefix(data, mark))
				if raw := string(in["challenge"]); raw != "true" && raw != "0" {
					return nil
				}
				in["challenge"] = json.RawMessage(`"` + anything + `"`)
				return laid(in)
			}), expectingAnother(func(_, got string) bool { return got == anything })),
		}, {
			ID: "rp/challenge/not-demanded", Spec: compared + ", §13.4.3", Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "The challenge is not compared in a session that was sent none.",
			Seams: undemanded(),
		}, {
			ID: "rp/challenge/of-any-session", Spec: kept,
			Doc:   "A challenge that was sent in one session is good for a response in another.",
			Seams: both(answering(sameName), expectingSent(same)),
		}, {
			ID: "rp/challenge/newest-alone", Spec: "WebAuthn L3 §7.1 step 8, §7.2 step 11", Strict: true,
			Doc:   "There is room for one challenge: whoever asks for options ends what others have begun.",
			Doors: []ceremony.Door{relyingparty.DoorConformance},
			Seams: newestAlone(),
		}, {
			ID: "rp/challenge/of-the-other-ceremony", Spec: kept,
			Doc:   "A challenge that was sent for one ceremony is good for the other.",
			Seams: ofTheOtherCeremony(),
		}, {
			ID: "rp/challenge/reused", Spec: kept,
			Doc:   "Challenges are never used up, so that responses can be replayed.",
			Seams: usable(),
		}, {
			ID: "rp/challenge/kept-after-failure", Spec: kept,
			Doc:   "A challenge remains good after a response to it was refused, so that anybody can go on trying.",
			Seams: keptAfterFailure(),
		}, {
			ID: "rp/challenge/never-expires", Spec: kept,
			Doc:   "A challenge remains good as long as nobody answers it.",
			Seams: at(leftOut, ceremony.StepChallengeExpired),
		}, {
			ID: "rp/challenge/constant", Spec: kept,
			Doc:   "Every challenge is the same.",
			Seams: drawing(func(drawn []byte) []byte { return bytes.Repeat([]byte{7}, len(drawn)) }),
		}, {
			ID: "rp/challenge/counted", Spec: kept,
			Doc:   "Challenges are numbers that are counted up, so that anybody can tell the next.",
			Seams: counted(),
		}, {
			ID: "rp/challenge/short", Spec: kept,
			Doc:   "Challenges have 8 bytes, where at least 16 are asked for.",
			Seams: drawing(func(drawn []byte) []byte { return drawn[:8] }),
		}, {
			ID: "rp/challenge/long", Spec: "FIDO Conformance Test API (challenge: 16 to 64 bytes)", Strict: true,
			Doc:   "Challenges have 96 bytes, which not every client makes room for.",
			Seams: drawing(func(drawn []byte) []byte { return bytes.Repeat(drawn, 3) }),
		}, {
			ID: "rp/challenge/text", Spec: kept,
			Doc: "Challenges are hexadecimal digits of 8 random bytes, which look long enough.",
			Seams: drawing(func(drawn []byte) []byte {
				const digits = "0123456789abcdef"
				var text []byte
				for _, b := range drawn[:8] {
					text = append(text, digits[b>>4], digits[b&15])
				}
				return text
			}),
		},
	}
}

// expectingSent takes every challenge that was sent for a ceremony of the kind wanted,
// and was not answered yet.
func expectingSent(wanted func(ceremony.Ceremony) ceremony.Ceremony) relyingparty.Seams {
	s := new(sent)
	return both(onCeremonies(ceremony.Seams{Challenge: s.note}), at(held(func(v *ceremony.Verification) {
		if of, ok := s.spend(v.Client.Challenge); ok && of == wanted(v.Ceremony) {
			v.Challenge = v.Client.Challenge
		}
	}), clientDataSteps...))
}

// sent remembers the challenges that nobody has answered yet.
type sent struct {
	mu  sync.Mutex
	all map[string]ceremony.Ceremony
}

func (s *sent) note(of ceremony.Ceremony, drawn []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil || len(s.all) == longestRecord {
		s.all = map[string]ceremony.Ceremony{}
	}
	s.all[base64.RawURLEncoding.EncodeToString(drawn)] = of
	return drawn
}

// spend tells for which ceremony a challenge was sent, the first time.
func (s *sent) spend(challenge string) (of ceremony.Ceremony, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, ok = s.all[challenge]
	delete(s.all, challenge)
	return of, ok
}

func same(c ceremony.Ceremony) ceremony.Ceremony { return c }

func other(c ceremony.Ceremony) ceremony.Ceremony {
	if c == ceremony.Get {
		return ceremony.Create
	}
	return ceremony.Get
}

// ofTheOtherCeremony finds the newest ceremony of a kind for a response that names a
// challenge of the other.
func ofTheOtherCeremony() relyingparty.Seams {
	r := new(record)
	return both(onCeremonies(ceremony.Seams{
		Begun: r.begun,
		Taken: func(w ceremony.Waiting) any {
			named := r.last(func(b ceremony.Waiting) bool {
				return b.Door == w.Door && samePlace(b, w) && b.Ceremony == other(w.Ceremony)
			})
			if w.What != nil || named == nil {
				return w.What
			}
			return r.last(func(b ceremony.Waiting) bool {
				return b.Door == w.Door && sameSession(b, w) && b.Ceremony == w.Ceremony
			})
		},
	}), expectingSent(other))
}

// keptAfterFailure forgets a challenge when a response to it has passed all steps.
func keptAfterFailure() relyingparty.Seams {
	var mu sync.Mutex
	good := map[string]bool{}
	seams := answering(samePlace)
	seams.Steps = map[ceremony.Step]around{
		ceremony.StepChallengeUsed: func(v *ceremony.Verification, run func() error) error {
			mu.Lock()
			defer mu.Unlock()
			if v.Used && !good[v.Challenge] {
				return nil
			}
			return run()
		},
	}
	note := func(v *ceremony.Verification, run func() error) error {
		err := run()
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			if len(good) == longestRecord {
				clear(good)
			}
			good[v.Challenge] = true
		}
		return err
	}
	seams.Steps[ceremony.StepModel], seams.Steps[ceremony.StepCounter] = note, note
	return seams
}

func counted() relyingparty.Seams {
	var mu sync.Mutex
	var n uint64
	return drawing(func(drawn []byte) []byte {
		mu.Lock()
		defer mu.Unlock()
		n++
		return append(make([]byte, len(drawn)-8), binary.BigEndian.AppendUint64(nil, n)...)
	})
}
