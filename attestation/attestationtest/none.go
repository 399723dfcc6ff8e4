package attestationtest

import "github.com/fxamacker/cbor/v2"

// none is §8.7.
func none(c *ceremony, raw cbor.RawMessage) {
	_, ok := members(raw, nil)
	c.check(ok, "WebAuthn L3 §8.7, syntax")
}

// compound is §8.9, where every part must verify.
func compound(c *ceremony, raw cbor.RawMessage) {
	const syntax = "WebAuthn L3 §8.9, syntax"
	var parts []cbor.RawMessage
	if !c.check(strict.Unmarshal(raw, &parts) == nil && len(parts) >= 2, syntax) {
		return
	}
	for _, rawPart := range parts {
		var part struct {
			Format    string          `cbor:"fmt"`
			Statement cbor.RawMessage `cbor:"attStmt"`
		}
		ok := strict.Unmarshal(rawPart, &part) == nil && part.Format != "" && len(part.Statement) > 0
		if !c.check(ok && part.Format != "compound", syntax) {
			continue
		}
		alone := *c
		alone.failed = nil
		procedure, known := formats[part.Format]
		if known {
			procedure(&alone, part.Statement)
		}
		c.check(known && len(alone.failed) == 0, "WebAuthn L3 §8.9 verification step 1")
	}
}
