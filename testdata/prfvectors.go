package testdata

import (
	"encoding/json"
	"errors"
)

// PRFVector is one evaluation of the prf extension by way of the CTAP extension
// hmac-secret, each value on its way (WebAuthn L3 §16). Second, Salt2, Output2
// and ResultSecond are nil where there is one input.
type PRFVector struct {
	Name     string // of the file, without its ending
	Comment  string
	Section  string // where the text has it
	Protocol int    // PIN/UV auth protocol, 1 or 2

	PlatformKey      []byte // P-256 scalar
	AuthenticatorKey []byte // P-256 scalar; the text gives how it is made and the point
	AuthenticatorX   []byte
	AuthenticatorY   []byte
	CredRandom       []byte // secret of the credential, 32 bytes
	First, Second    []byte // the page's inputs

	SharedSecret     []byte // 32 bytes under protocol 1, 64 under 2: HMAC key, AES key
	Salt1, Salt2     []byte
	SaltIV           []byte // 16 bytes under protocol 2, nil under 1
	SaltEnc          []byte
	Output1, Output2 []byte
	OutputIV         []byte // like SaltIV
	OutputEnc        []byte

	ResultFirst, ResultSecond []byte // what the page gets
}

// PRFVectors returns the vectors of the prf extension over CTAP, by name.
func PRFVectors() ([]PRFVector, error) { return readAll("vectors/prf-ctap", ParsePRFVector) }

// ParsePRFVector reads the text of one vector.
func ParsePRFVector(name string, text []byte) (PRFVector, error) {
	f := parseFile(name, text)
	v := PRFVector{
		Name: name, Comment: f.text("comment"), Section: f.text("section"), Protocol: int(f.number("protocol")),
		PlatformKey:      f.sized("platform_key_agreement_private_key", 32),
		AuthenticatorKey: f.sized("authenticator_key_agreement_private_key", 32),
		AuthenticatorX:   f.sized("authenticator_key_agreement_x", 32),
		AuthenticatorY:   f.sized("authenticator_key_agreement_y", 32),
		CredRandom:       f.sized("authenticator_cred_random", 32),
		First:            f.bytes("prf_eval_first"),
		Salt1:            f.sized("salt1", 32),
		SaltEnc:          f.bytes("salt_enc"),
		Output1:          f.sized("output1", 32),
		OutputEnc:        f.bytes("output_enc"),
		ResultFirst:      f.sized("prf_results_first", 32),
	}
	v.readSecond(f)
	v.readProtocol(f)
	return v, f.done()
}

// readSecond reads what there is only with two inputs.
func (v *PRFVector) readSecond(f *file) {
	if !f.has("prf_eval_second") {
		return
	}
	v.Second, v.Salt2 = f.bytes("prf_eval_second"), f.sized("salt2", 32)
	v.Output2, v.ResultSecond = f.sized("output2", 32), f.sized("prf_results_second", 32)
}

// readProtocol reads what depends on the PIN/UV auth protocol.
func (v *PRFVector) readProtocol(f *file) {
	switch v.Protocol {
	case 1:
		v.SharedSecret = f.sized("shared_secret", 32)
	case 2:
		v.SharedSecret = f.sized("shared_secret", 64)
		v.SaltIV, v.OutputIV = f.sized("salt_enc_iv", 16), f.sized("output_enc_iv", 16)
	default:
		f.failf("protocol %d: want 1 or 2", v.Protocol)
	}
}

// PRFExample is an input of the prf extension in its JSON form, and every answer
// that is right for it. The string "*" in an answer stands for 32 bytes in
// base64url that the example does not tell.
type PRFExample struct {
	Name       string // of the file, without its ending
	Comment    string
	Section    string // where the text has it
	Credential string // ID that evalByCredential names, in base64url, or ""
	Input      json.RawMessage
	Create     []json.RawMessage // answers of create(); nil where it is not shown
	Get        []json.RawMessage // answers of get() with another credential than Credential, or any; nil where it is not shown
	GetNamed   []json.RawMessage // answers of get() with Credential; nil where there is none
}

// PRFExamples returns the examples of the prf extension at the Web API, by name.
func PRFExamples() ([]PRFExample, error) { return readAll("vectors/prf-api", ParsePRFExample) }

// ParsePRFExample reads the text of one example.
func ParsePRFExample(name string, text []byte) (PRFExample, error) {
	f := parseFile(name, text)
	e := PRFExample{
		Name: name, Comment: f.text("comment"), Section: f.text("section"),
		Credential: f.optionalText("credential"),
		Create:     readAnswers(f, "create"),
		Get:        readAnswers(f, "get"),
		GetNamed:   readAnswers(f, "get.named"),
	}
	if err := json.Unmarshal([]byte(f.text("input")), &e.Input); err != nil {
		f.failf("input: %v", err)
	}
	if (e.GetNamed != nil) != (e.Credential != "") {
		f.failf("credential and get.named belong together")
	}
	return e, f.done()
}

// readAnswers reads a JSON array.
func readAnswers(f *file, key string) (answers []json.RawMessage) {
	if !f.has(key) {
		return nil
	}
	err := json.Unmarshal([]byte(f.text(key)), &answers)
	if err == nil && len(answers) == 0 {
		err = errors.New("no answer at all")
	}
	if err != nil {
		f.failf("%s: %v", key, err)
	}
	return answers
}
