package fault

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// Paths of the conformance interface.
const (
	creationPath = "/attestation/options"
	createdPath  = "/attestation/result"
	requestPath  = "/assertion/options"
)

// answered makes a seam of a change to the members of answers. What is nil is left as it
// was laid out.
func answered(change func(path string, status int, answer members) (int, members)) relyingparty.Seams {
	return relyingparty.Seams{Answer: func(path string, status int, body []byte) (int, []byte) {
		now, answer := change(path, status, objectOf(body))
		if answer == nil {
			return status, body
		}
		return now, laid(answer)
	}}
}

func failed(status int) bool { return status >= http.StatusBadRequest }

// remembered takes requests for options that cannot be read for the one before, or for
// one of somebody who gave no name.
func remembered() relyingparty.Seams {
	var mu sync.Mutex
	last := []byte(`{"username":"nobody","displayName":"nobody"}`)
	return relyingparty.Seams{Request: func(path string, body []byte) (string, []byte) {
		if !strings.HasSuffix(path, "/options") {
			return path, body
		}
		mu.Lock()
		defer mu.Unlock()
		if !askable(body) {
			return path, last
		}
		last = body
		return path, body
	}}
}

// askable reports whether a request for options says who asks, and everything by values
// of the right types.
func askable(body []byte) bool {
	var asked struct {
		Username         string  `json:"username"`
		DisplayName      string  `json:"displayName"`
		UserVerification string  `json:"userVerification"`
		Attestation      string  `json:"attestation"`
		Selection        members `json:"authenticatorSelection"`
	}
	return json.Unmarshal(body, &asked) == nil && asked.Username != ""
}

func interfaceFaults() []Fault {
	const api = "FIDO Conformance Test API"
	conformance := []ceremony.Door{relyingparty.DoorConformance}
	return []Fault{
		{
			ID: "rp/interface/failure-with-status-200", Spec: api + " (ServerResponse)", Doors: conformance, Strict: true,
			Doc: "Whatever fails is answered with status 200.",
			Seams: answered(func(_ string, _ int, answer members) (int, members) {
				return http.StatusOK, answer
			}),
		}, {
			ID: "rp/interface/failure-without-reason", Spec: api + " (errorMessage)", Doors: conformance, Strict: true,
			Doc: "Whatever fails is answered without an error message.",
			Seams: answered(func(_ string, status int, answer members) (int, members) {
				if !failed(status) {
					return status, nil
				}
				answer["errorMessage"] = json.RawMessage(`""`)
				return status, answer
			}),
		}, {
			ID: "rp/interface/failure-is-the-servers", Spec: api + " (ServerResponse), RFC 9110 §15.6", Doors: conformance, Strict: true,
			Doc: "Whatever fails is answered with status 500, as if something had broken.",
			Seams: answered(func(_ string, status int, answer members) (int, members) {
				if !failed(status) {
					return status, nil
				}
				return http.StatusInternalServerError, answer
			}),
		}, {
			ID: "rp/interface/success-with-message", Spec: api + " (errorMessage)", Doors: conformance, Strict: true,
			Doc: "Whatever succeeds is answered with an error message that says so.",
			Seams: answered(func(_ string, status int, answer members) (int, members) {
				if failed(status) {
					return status, nil
				}
				answer["errorMessage"] = json.RawMessage(`"success"`)
				return status, answer
			}),
		}, {
			ID: "rp/interface/unreadable-accepted", Spec: api + " (" + creationPath + ", " + requestPath + ")", Doors: conformance,
			Doc:   "A request for options that cannot be read is taken for the one before, whoever sent that.",
			Seams: remembered(),
		}, {
			ID: "rp/interface/unknown-users-answered", Spec: api + " (" + requestPath + ")", Doors: conformance,
			Doc: "Options of a login are given to users whom nobody has registered, without any credentials.",
			Seams: answered(func(path string, status int, answer members) (int, members) {
				if path != requestPath || !failed(status) {
					return status, nil
				}
				challenge := sha256.Sum256(answer["errorMessage"])
				answer["challenge"], _ = json.Marshal(base64.RawURLEncoding.EncodeToString(challenge[:]))
				answer["status"], answer["errorMessage"] = json.RawMessage(`"ok"`), json.RawMessage(`""`)
				return http.StatusOK, answer
			}),
		}, {
			ID: "rp/interface/either-ceremony-accepted", Spec: "WebAuthn L3 §7.1 step 7, §7.2 step 10", Doors: conformance,
			Doc: "The answer to a login is accepted where one to a registration belongs: which it is, its members tell.",
			Seams: relyingparty.Seams{Request: func(path string, body []byte) (string, []byte) {
				if path == createdPath && objectOf(objectOf(body)["response"])["signature"] != nil {
					return "/assertion/result", body
				}
				return path, body
			}},
		},
	}
}

func listFaults() []Fault {
	return []Fault{
		{
			ID: "rp/list/token-binding-ignored", Spec: "WebAuthn L2 §7.1 step 10, §7.2 step 14", Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "A tokenBinding in client data is not looked at.",
			Seams: at(leftOut, ceremony.StepCreateTokenBinding, ceremony.StepGetTokenBinding),
		}, {
			ID: "rp/list/u2f-model-ignored", Spec: "FIDO server test list AttestationResponse-Resp-8", Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "Attestation of U2F may name a model, which U2F does not have.",
			Seams: at(leftOut, ceremony.StepU2FModel),
		}, {
			ID: "rp/list/presence-demanded", Spec: "FIDO server test list AssertionResponse-Resp-3", Doors: []ceremony.Door{relyingparty.DoorConformance}, Strict: true,
			Doc:   "A login without user presence is refused, as WebAuthn has it.",
			Seams: at(held(func(v *ceremony.Verification) { v.UserPresence = true }), ceremony.StepGetAuthData),
		},
	}
}
