package attestationtest

import (
	"crypto/x509"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Policy is what a relying party decides beside the text (§7.1 steps 23 and 24).
type Policy struct {
	Roots      []*x509.Certificate
	Time       time.Time // at which certificates are to be valid
	Enterprise bool      // was asked for, so that certificates may name devices
	Software   bool      // accept Android's keys that no hardware protects
}

// ceremony is what every format's procedure is given.
type ceremony struct {
	Policy
	authData       []byte
	data           *authData
	clientDataHash []byte
	failed         []string
}

// fails notes a step that the statement fails.
func (c *ceremony) fails(spec string) {
	if !slices.Contains(c.failed, spec) {
		c.failed = append(c.failed, spec)
	}
}

// check notes the step unless it is passed, and returns whether it is.
func (c *ceremony) check(passed bool, spec string) bool {
	if !passed {
		c.fails(spec)
	}
	return passed
}

// message is authenticatorData ‖ clientDataHash.
func (c *ceremony) message() []byte { return slices.Concat(c.authData, c.clientDataHash) }

// Steps that stand before any format's own.
const (
	stepObject = "WebAuthn L3 §7.1 step 13"
	stepFormat = "WebAuthn L3 §7.1 step 21"
)

// formats has a procedure for each format. It is filled here, as compound goes back
// to it.
var formats map[string]func(*ceremony, cbor.RawMessage)

func init() {
	formats = map[string]func(*ceremony, cbor.RawMessage){
		"packed": packed, "fido-u2f": fidoU2F, "none": none, "compound": compound,
		"apple": apple, "android-key": androidKey, "android-safetynet": safetyNet, "tpm": tpm,
	}
}

// deepest is how far items may nest. Compound statements take five levels; one that
// is too deep for its syntax is to be found by its format's own step.
const deepest = 8

// strict decodes what WebAuthn and CTAP2 allow, but for the depth.
var strict = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: deepest, IntDec: cbor.IntDecConvertSignedOrFail,
	}.DecMode()
	if err != nil {
		panic(err) // of constants
	}
	return mode
}()

// maxObject bounds what is read, in bytes.
const maxObject = 1 << 20

// Failures verifies an attestation object and returns the steps that it fails, or
// nothing. A statement that cannot be read fails one step only.
func Failures(object, clientDataHash []byte, p Policy) []string {
	var o struct {
		Format    string          `cbor:"fmt"`
		Statement cbor.RawMessage `cbor:"attStmt"`
		AuthData  []byte          `cbor:"authData"`
	}
	c := &ceremony{Policy: p, clientDataHash: clientDataHash}
	if len(object) > maxObject || strict.Unmarshal(object, &o) != nil {
		return []string{stepObject}
	}
	var err error
	c.authData = o.AuthData
	if c.data, err = parseAuthData(o.AuthData); err != nil || len(o.Statement) == 0 {
		return []string{stepObject}
	}
	procedure, known := formats[o.Format]
	if !known {
		return []string{stepFormat}
	}
	procedure(c, o.Statement)
	return c.failed
}

// members decodes a statement that has exactly these members, and others that it may
// have.
func members(raw cbor.RawMessage, must []string, may ...string) (map[string]any, bool) {
	var all map[string]any
	if strict.Unmarshal(raw, &all) != nil || all == nil {
		return nil, false
	}
	for name := range all {
		if !slices.Contains(must, name) && !slices.Contains(may, name) {
			return nil, false
		}
	}
	for _, name := range must {
		if _, there := all[name]; !there {
			return nil, false
		}
	}
	return all, true
}

// chainOf reads x5c: at least one certificate, the first of them issued by the second
// if there is one.
func chainOf(x5c any) ([]*x509.Certificate, bool) {
	list, ok := x5c.([]any)
	if !ok || len(list) == 0 {
		return nil, false
	}
	chain := make([]*x509.Certificate, len(list))
	for i, item := range list {
		der, ok := item.([]byte)
		if !ok {
			return nil, false
		}
		var err error
		if chain[i], err = x509.ParseCertificate(der); err != nil {
			return nil, false
		}
	}
	return chain, beginsWithLeaf(chain)
}

// beginsWithLeaf reports whether the first certificate has issued none of the others.
func beginsWithLeaf(chain []*x509.Certificate) bool {
	return !slices.ContainsFunc(chain[1:], func(c *x509.Certificate) bool { return slices.Equal(c.RawIssuer, chain[0].RawSubject) })
}
