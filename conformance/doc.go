// Package conformance is the judge: it runs cases against a subject, each on a
// subject of its own as fresh from the factory, and says what it found.
//
// It owns the shape of a case, the engine with its deadlines, verdicts, waivers
// and the policy of gates. Which cases there are is for the packages below this
// one to say. It must never know what a case sends or what the subject is, and
// never use code that the judged might share: what is judged are bytes.
package conformance
