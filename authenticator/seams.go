package authenticator

import (
	"slices"
	"sync"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/ctap"
)

// Seams are the only places where a fault can act, and where an observer can
// look on. A nil seam changes nothing. Several Seams act in the order they were
// given. Response and APDU, and Refused where a request did not decode, may be
// called while another request is in progress; the others are called by one
// request at a time.
type Seams struct {
	// Request sees the request as decoded, before any rule is applied.
	Request func(ctap.Request) ctap.Request
	// Answer sees what the user did; the authenticator believes what it returns.
	Answer func(Prompt, Gesture, error) (Gesture, error)
	// Found sees the credentials that a search for one RP ID or one credential
	// ID came up with, oldest first. The slice and what it points to are shared
	// and must not be changed; return another slice.
	Found func(rpID string, found []*Credential) []*Credential
	// Key sees the private key that a new credential is to have, in whatever form
	// [Credential.PrivateKey] may have.
	Key func(rpID string, drawn Secret) Secret
	// AuthData sees authenticator data before it is signed.
	AuthData func(authData []byte) []byte
	// Sign sees each signature with the message it is over, but for those that an
	// attester makes with a key of its own.
	Sign func(message, signature []byte) []byte
	// Attester sees who is to make the statement about a new credential, of U2F where
	// the model has such an attester too; another one does in its place. Statements by
	// an [AttestationKey] have none.
	Attester func(attestation.Attester) attestation.Attester
	// Response sees the encoded response, status byte included. Only Exchange
	// encodes, so Do does not pass here.
	Response func(response []byte) []byte
	// APDU sees the encoded response to a U2F command, status word included. Of
	// the seams above, only Answer and Sign see U2F as well.
	APDU func(response []byte) []byte
	// Refused is told why a request failed; on the wire only the status
	// travels. req is nil where the request did not decode, or was U2F.
	Refused func(req ctap.Request, err error)
}

// seamList is the Seams in force, changed while requests run.
type seamList struct {
	mu   sync.Mutex
	list activeSeams
}

// activeSeams are the Seams that one request passes through. Each method hands
// a value through every seam of its kind. The slice is never changed.
type activeSeams []*Seams

// Attach adds seams behind those already there, from the next request on, and
// returns the function that takes them away again.
func (a *Authenticator) Attach(seams ...Seams) (detach func()) {
	added := make([]*Seams, len(seams))
	for i := range seams {
		added[i] = &seams[i]
	}
	a.seams.mu.Lock()
	defer a.seams.mu.Unlock()
	a.seams.list = slices.Concat(a.seams.list, added)
	return func() {
		a.seams.mu.Lock()
		defer a.seams.mu.Unlock()
		a.seams.list = slices.DeleteFunc(slices.Clone(a.seams.list), func(s *Seams) bool { return slices.Contains(added, s) })
	}
}

func (l *seamList) snapshot() activeSeams {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.list
}

func (seams activeSeams) request(req ctap.Request) ctap.Request {
	for _, s := range seams {
		if s.Request != nil {
			req = s.Request(req)
		}
	}
	return req
}

func (seams activeSeams) answer(p Prompt, g Gesture, err error) (Gesture, error) {
	for _, s := range seams {
		if s.Answer != nil {
			g, err = s.Answer(p, g, err)
		}
	}
	return g, err
}

func (seams activeSeams) found(rpID string, found []*Credential) []*Credential {
	for _, s := range seams {
		if s.Found != nil {
			found = s.Found(rpID, found)
		}
	}
	return found
}

func (seams activeSeams) key(rpID string, secret Secret) Secret {
	for _, s := range seams {
		if s.Key != nil {
			secret = s.Key(rpID, secret)
		}
	}
	return secret
}

func (seams activeSeams) authData(authData []byte) []byte {
	for _, s := range seams {
		if s.AuthData != nil {
			authData = s.AuthData(authData)
		}
	}
	return authData
}

func (seams activeSeams) sign(message, signature []byte) []byte {
	for _, s := range seams {
		if s.Sign != nil {
			signature = s.Sign(message, signature)
		}
	}
	return signature
}

// watchAttesters reports whether there is a seam of that kind.
func (seams activeSeams) watchAttesters() bool {
	return slices.ContainsFunc(seams, func(s *Seams) bool { return s.Attester != nil })
}

func (seams activeSeams) attester(by attestation.Attester) attestation.Attester {
	for _, s := range seams {
		if s.Attester != nil {
			by = s.Attester(by)
		}
	}
	return by
}

func (seams activeSeams) response(response []byte) []byte {
	for _, s := range seams {
		if s.Response != nil {
			response = s.Response(response)
		}
	}
	return response
}

func (seams activeSeams) apdu(response []byte) []byte {
	for _, s := range seams {
		if s.APDU != nil {
			response = s.APDU(response)
		}
	}
	return response
}

func (seams activeSeams) refused(req ctap.Request, err error) {
	for _, s := range seams {
		if s.Refused != nil {
			s.Refused(req, err)
		}
	}
}
