package fleet

import (
	"fmt"
	"math/rand/v2"
)

// Step is one deed of a life. Its numbers are taken modulo what there is to choose
// from at that moment, so that any part of a life is a life too.
type Step struct {
	Deed  string // its name, one of Deeds
	Who   uint16 // which device
	Which uint16 // which of what the deed is about
}

// String is the step as a line of Go, to be put into a test.
func (s Step) String() string { return fmt.Sprintf("{%q, %d, %d}", s.Deed, s.Who, s.Which) }

// deed is something that can happen.
type deed struct {
	name  string
	often int // how often it is drawn, beside the others
	do    func(w *world, d *device, which int)
}

// deeds are all that can happen. The names are permanent: they stand in the lives
// that failures print.
var deeds = []deed{
	{"sign up with a passkey", 6, (*world).signUp},
	{"sign up with a password", 3, (*world).signUpWithPassword},
	{"log in by the button", 14, (*world).logIn},
	{"log in by autofill", 8, (*world).logInByAutofill},
	{"log in with the password", 4, (*world).logInWithPassword},
	{"add a passkey", 8, (*world).addPasskey},
	{"remove the oldest passkey", 4, (*world).removeOldest},
	{"have the operator remove a passkey", 2, (*world).operatorRemoves},
	{"log out", 6, (*world).logOut},
	{"get a new password by mail", 2, (*world).resetPassword},
	{"delete a passkey on the device", 3, (*world).deleteOnDevice},

	{"decline", 3, (*world).decline},
	{"show the wrong finger", 2, (*world).wrongFinger},
	{"try a wrong password", 2, (*world).wrongPassword},
	{"take an address that is taken", 2, (*world).signUpTaken},

	{"replay an answer", 3, (*world).replay},
	{"answer with another's passkey ID", 3, (*world).borrowID},
	{"answer with another's user handle", 2, (*world).borrowHandle},
	{"break the signature", 3, (*world).breakSignature},
	{"answer for another origin", 2, (*world).otherOrigin},
	{"use a thief's copy", 3, (*world).useCopy},

	{"hold up the network", 4, (*world).holdUp},
	{"let the network go on", 5, (*world).goOn},
	{"bring a new device", 3, (*world).bring},
	{"send a device away", 2, (*world).sendAway},
	{"take a device back", 3, (*world).takeBack},
	{"let time pass", 4, (*world).pass},
	{"let everything arrive", 2, (*world).settle},
}

// Deeds are the names of all deeds.
func Deeds() []string {
	names := make([]string, len(deeds))
	for i, d := range deeds {
		names[i] = d.name
	}
	return names
}

// draw makes a life of so many steps.
func draw(random *rand.Rand, steps int) []Step {
	var urn []string
	for _, d := range deeds {
		for range d.often {
			urn = append(urn, d.name)
		}
	}
	life := make([]Step, steps)
	for i := range life {
		life[i] = Step{urn[random.IntN(len(urn))], uint16(random.Uint32()), uint16(random.Uint32())}
	}
	return life
}

func deedCalled(name string) (deed, bool) {
	for _, d := range deeds {
		if d.name == name {
			return d, true
		}
	}
	return deed{}, false
}
