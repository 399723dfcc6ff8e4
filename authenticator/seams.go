package authenticator

import (
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// Seams are the only places where a fault can act, and where an observer can
// look on. A nil seam changes nothing. Several Seams act in the order they were
// given. Heard, HeardAPDU, Response and APDU, and Result and Refused where a request did not decode,
// may be called while another request is in progress; the others are called by one
// request at a time.
type Seams struct {
	// Heard sees the request as it came, command byte included; what it returns is
	// decoded. Only Exchange decodes, so Do does not pass here.
	Heard func(request []byte) []byte
	// Request sees the request as decoded, before any rule is applied.
	Request func(ctap.Request) ctap.Request
	// Steps are around steps of the algorithms. Each is handed its step to run, and
	// returns how the step ended. A step that is not run has done nothing.
	Steps map[Step]func(run func() error) error
	// Answer sees what the user did; the authenticator believes what it returns.
	Answer func(Prompt, Gesture, error) (Gesture, error)
	// Token sees whether a rule stops the pinUvAuthToken, or does away with it, and
	// returns whether it does.
	Token func(rule TokenRule, stops bool) bool
	// Agreement sees a key agreement key that was drawn for a protocol.
	Agreement func(pinuv.Protocol, *pinuv.KeyPair) *pinuv.KeyPair
	// Found sees the credentials that a search for one RP ID or one credential
	// ID came up with, oldest first. The slice and what it points to are shared
	// and must not be changed; return another slice.
	Found func(rpID string, found []*Credential) []*Credential
	// Key sees the private key that a new credential is to have, in whatever form
	// [Credential.PrivateKey] may have.
	Key func(rpID string, drawn Secret) Secret
	// Keep sees a change on its way to the store. What it refers to is shared and
	// must not be changed.
	Keep func(Change) Change
	// AuthData sees authenticator data before it is signed.
	AuthData func(authData []byte) []byte
	// Sign sees each signature with the message it is over, but for those that an
	// attester makes with a key of its own.
	Sign func(message, signature []byte) []byte
	// Attester sees who is to make the statement about a new credential, of U2F where
	// the model has such an attester too; another one does in its place. Statements by
	// an [AttestationKey] have none.
	Attester func(attestation.Attester) attestation.Attester
	// Result sees how a request ended, and returns how it ends. resp is shared and
	// must not be changed; return another. req is nil where the request did not
	// decode.
	Result func(req ctap.Request, resp any, err error) (any, error)
	// Response sees the encoded response, status byte included. Only Exchange
	// encodes, so Do does not pass here.
	Response func(response []byte) []byte
	// HeardAPDU sees a U2F command as it came; what it returns is decoded.
	HeardAPDU func(command []byte) []byte
	// APDU sees the encoded response to a U2F command, status word included. Of
	// the seams before HeardAPDU, only Steps, Answer, Found, Keep, Sign and Attester see
	// U2F as well.
	APDU func(response []byte) []byte
	// Refused is told why a request failed; on the wire only the status
	// travels. req is nil where the request did not decode, or was U2F.
	Refused func(req ctap.Request, err error)

	// Env sees the surroundings that the device has until then, and returns those
	// that it has from then on. It is called when seams are attached or taken away.
	Env func(Env) Env
	// PowerCycled is told that the power was off: what a seam remembers of the time
	// before, a device would have forgotten.
	PowerCycled func()
}

// Step names a step of an algorithm as the errors of this package do: by the
// section of CTAP 2.3 ("6.1.2") or of FIDO U2F Raw Message Formats ("U2F 5"), and by
// the number that the step has in its list here ("17 and 18").
type Step struct{ Section, Number string }

// seamList is the Seams in force, changed while requests run.
type seamList struct {
	mu   sync.Mutex
	bare Env // without seams
	now  *activeSeams
}

// activeSeams are the Seams that one request passes through, and the surroundings
// that they make. Each method hands a value through every seam of its kind. It is
// never changed. The zero value is no seams.
type activeSeams struct {
	list  []*Seams
	steps bool // one of them has Steps
	env   Env
}

// Attach adds seams behind those already there, from the next request on, and
// returns the function that takes them away again.
func (a *Authenticator) Attach(seams ...Seams) (detach func()) {
	added := make([]*Seams, len(seams))
	for i := range seams {
		added[i] = &seams[i]
	}
	a.seams.change(func(list []*Seams) []*Seams { return slices.Concat(list, added) })
	return func() {
		a.seams.change(func(list []*Seams) []*Seams {
			return slices.DeleteFunc(slices.Clone(list), func(s *Seams) bool { return slices.Contains(added, s) })
		})
	}
}

// change puts another list in force.
func (l *seamList) change(how func([]*Seams) []*Seams) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := &activeSeams{list: how(l.now.list), env: l.bare}
	for _, s := range next.list {
		next.steps = next.steps || len(s.Steps) > 0
		if s.Env != nil {
			next.env = s.Env(next.env)
		}
	}
	l.now = next
}

func (l *seamList) snapshot() *activeSeams {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (seams *activeSeams) heard(request []byte) []byte {
	for _, s := range seams.list {
		if s.Heard != nil {
			request = s.Heard(request)
		}
	}
	return request
}

func (seams *activeSeams) heardAPDU(command []byte) []byte {
	for _, s := range seams.list {
		if s.HeardAPDU != nil {
			command = s.HeardAPDU(command)
		}
	}
	return command
}

func (seams *activeSeams) request(req ctap.Request) ctap.Request {
	for _, s := range seams.list {
		if s.Request != nil {
			req = s.Request(req)
		}
	}
	return req
}

func (seams *activeSeams) answer(p Prompt, g Gesture, err error) (Gesture, error) {
	for _, s := range seams.list {
		if s.Answer != nil {
			g, err = s.Answer(p, g, err)
		}
	}
	return g, err
}

func (seams *activeSeams) found(rpID string, found []*Credential) []*Credential {
	for _, s := range seams.list {
		if s.Found != nil {
			found = s.Found(rpID, found)
		}
	}
	return found
}

func (seams *activeSeams) key(rpID string, secret Secret) Secret {
	for _, s := range seams.list {
		if s.Key != nil {
			secret = s.Key(rpID, secret)
		}
	}
	return secret
}

func (seams *activeSeams) authData(authData []byte) []byte {
	for _, s := range seams.list {
		if s.AuthData != nil {
			authData = s.AuthData(authData)
		}
	}
	return authData
}

func (seams *activeSeams) sign(message, signature []byte) []byte {
	for _, s := range seams.list {
		if s.Sign != nil {
			signature = s.Sign(message, signature)
		}
	}
	return signature
}

// watchAttesters reports whether there is a seam of that kind.
func (seams *activeSeams) watchAttesters() bool {
	return slices.ContainsFunc(seams.list, func(s *Seams) bool { return s.Attester != nil })
}

func (seams *activeSeams) attester(by attestation.Attester) attestation.Attester {
	for _, s := range seams.list {
		if s.Attester != nil {
			by = s.Attester(by)
		}
	}
	return by
}

func (seams *activeSeams) response(response []byte) []byte {
	for _, s := range seams.list {
		if s.Response != nil {
			response = s.Response(response)
		}
	}
	return response
}

func (seams *activeSeams) apdu(response []byte) []byte {
	for _, s := range seams.list {
		if s.APDU != nil {
			response = s.APDU(response)
		}
	}
	return response
}

func (seams *activeSeams) refused(req ctap.Request, err error) {
	for _, s := range seams.list {
		if s.Refused != nil {
			s.Refused(req, err)
		}
	}
}

// step runs a step within the seams around it: those attached first are inside.
func (seams *activeSeams) step(at Step, run func() error) error {
	for _, s := range seams.list {
		if around, inner := s.Steps[at], run; around != nil {
			run = func() error { return around(inner) }
		}
	}
	return run()
}

func (seams *activeSeams) token(rule TokenRule, stops bool) bool {
	for _, s := range seams.list {
		if s.Token != nil {
			stops = s.Token(rule, stops)
		}
	}
	return stops
}

func (seams *activeSeams) agreement(p pinuv.Protocol, drawn *pinuv.KeyPair) *pinuv.KeyPair {
	for _, s := range seams.list {
		if s.Agreement != nil {
			drawn = s.Agreement(p, drawn)
		}
	}
	return drawn
}

func (seams *activeSeams) keep(change Change) Change {
	for _, s := range seams.list {
		if s.Keep != nil {
			change = s.Keep(change)
		}
	}
	return change
}

func (seams *activeSeams) result(req ctap.Request, resp any, err error) (any, error) {
	for _, s := range seams.list {
		if s.Result != nil {
			resp, err = s.Result(req, resp, err)
		}
	}
	return resp, err
}

func (seams *activeSeams) powerCycled() {
	for _, s := range seams.list {
		if s.PowerCycled != nil {
			s.PowerCycled()
		}
	}
}
