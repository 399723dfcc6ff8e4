package attestationtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/fxamacker/cbor/v2"
)

const safetyNetResponse = "WebAuthn L3 §8.5 verification, response"

// safetyNet is §8.5, and what the service's documentation has verifiers do.
func safetyNet(c *ceremony, raw cbor.RawMessage) {
	stmt, ok := members(raw, []string{"ver", "response"})
	version, isText := stmt["ver"].(string)
	response, isBytes := stmt["response"].([]byte)
	if !c.check(ok && isText && version != "" && isBytes && len(response) > 0, "WebAuthn L3 §8.5 verification, syntax") {
		return
	}
	parts := bytes.Split(response, []byte("."))
	if !c.check(len(parts) == 3, safetyNetResponse) {
		return
	}
	var header struct {
		Algorithm string   `json:"alg"`
		X5C       [][]byte `json:"x5c"` // which encoding/json reads as base64
	}
	var payload struct {
		Nonce     []byte `json:"nonce"`
		Timestamp int64  `json:"timestampMs"`
		Matches   bool   `json:"ctsProfileMatch"`
	}
	list := []any{}
	ok = unmarshalPart(parts[0], &header)
	for _, der := range header.X5C {
		list = append(list, der)
	}
	chain, isChain := chainOf(list)
	if !c.check(ok && isChain, safetyNetResponse) {
		return
	}
	signature, err := base64.RawURLEncoding.DecodeString(string(parts[2]))
	const rs256 = -257
	c.check(err == nil && header.Algorithm == "RS256" && verifies(rs256, chain[0].PublicKey, bytes.Join(parts[:2], []byte(".")), signature),
		"WebAuthn L3 §8.5 verification, service: signature")
	c.check(chain[0].VerifyHostname("attest.android.com") == nil, "WebAuthn L3 §8.5 verification, service: host name")
	c.trust(chain, false)
	want := sha256.Sum256(c.message())
	ok = unmarshalPart(parts[1], &payload)
	c.check(ok && bytes.Equal(payload.Nonce, want[:]), "WebAuthn L3 §8.5 verification, nonce")
	if !ok {
		return
	}
	made := time.UnixMilli(payload.Timestamp)
	c.check(!made.After(c.Time) && !made.Before(c.Time.Add(-time.Minute)), "WebAuthn L3 §8.5 verification, service: timestampMs")
	c.check(payload.Matches, "WebAuthn L3 §8.5 verification, service: ctsProfileMatch")
}

func unmarshalPart(part []byte, into any) bool {
	decoded, err := base64.RawURLEncoding.DecodeString(string(part))
	return err == nil && json.Unmarshal(decoded, into) == nil
}
