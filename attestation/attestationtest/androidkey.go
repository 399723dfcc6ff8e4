package attestationtest

import (
	"bytes"
	"encoding/asn1"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// description is Android's KeyDescription.
type description struct {
	Version       int
	Level         asn1.Enumerated
	KeyMint       int
	KeyMintLevel  asn1.Enumerated
	Challenge     []byte
	UniqueID      []byte
	Software, TEE asn1.RawValue
}

// Tags of an authorization list.
const (
	tagPurpose, tagAllApplications, tagOrigin, tagRootOfTrust = 1, 600, 702, 704
)

// androidKey is §8.4.
func androidKey(c *ceremony, raw cbor.RawMessage) {
	stmt, ok := members(raw, []string{"alg", "sig", "x5c"})
	alg, isInt := stmt["alg"].(int64)
	sig, isBytes := stmt["sig"].([]byte)
	chain, isChain := chainOf(stmt["x5c"])
	if !c.check(ok && isInt && isBytes && isChain, "WebAuthn L3 §8.4 verification, syntax") {
		return
	}
	c.check(verifies(alg, chain[0].PublicKey, c.message(), sig), "WebAuthn L3 §8.4 verification, signature")
	c.check(same(chain[0].PublicKey, c.data.public), "WebAuthn L3 §8.4 verification, public key")
	var d description
	ok = unmarshalExtension(chain[0], asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 1, 17}, &d)
	software, readSoftware := authorizations(d.Software)
	hardware, readHardware := authorizations(d.TEE)
	if c.check(ok && readSoftware && readHardware, "WebAuthn L3 §8.4.1") {
		c.keyDescription(&d, software, hardware)
	}
	c.trust(chain, true)
}

func (c *ceremony) keyDescription(d *description, software, hardware map[int][]byte) {
	c.check(bytes.Equal(d.Challenge, c.clientDataHash), "WebAuthn L3 §8.4 verification, attestationChallenge")
	_, soft := software[tagAllApplications]
	_, hard := hardware[tagAllApplications]
	c.check(!soft && !hard, "WebAuthn L3 §8.4 verification, allApplications")
	lists := []map[int][]byte{hardware}
	if c.Software {
		lists = append(lists, software)
	}
	some := func(holds func(map[int][]byte) bool) bool { return slices.ContainsFunc(lists, holds) }
	c.check(some(isGenerated), "WebAuthn L3 §8.4 verification, origin")
	c.check(some(signs), "WebAuthn L3 §8.4 verification, purpose")
	c.check(some(bootedVerified), "WebAuthn L3 §8.4.1, rootOfTrust")
}

// authorizations reads a list: DER by tag.
func authorizations(list asn1.RawValue) (map[int][]byte, bool) {
	all, last := map[int][]byte{}, -1
	for rest := list.Bytes; len(rest) > 0; {
		var item asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &item); err != nil || item.Class != asn1.ClassContextSpecific || item.Tag <= last {
			return nil, false
		}
		all[item.Tag], last = item.Bytes, item.Tag
	}
	return all, list.Tag == asn1.TagSequence
}

func isGenerated(list map[int][]byte) bool {
	var origin int
	_, err := asn1.Unmarshal(list[tagOrigin], &origin)
	return err == nil && origin == 0
}

func signs(list map[int][]byte) bool {
	const sign = 2
	var purposes []int
	_, err := asn1.UnmarshalWithParams(list[tagPurpose], &purposes, "set")
	return err == nil && slices.Contains(purposes, sign)
}

// bootedVerified reports whether the device is locked and runs a system that its
// maker signed, as Android's documentation has verifiers see to.
func bootedVerified(list map[int][]byte) bool {
	var trust struct {
		Key    []byte
		Locked bool
		State  asn1.Enumerated
		Hash   []byte
	}
	_, err := asn1.Unmarshal(list[tagRootOfTrust], &trust)
	return err == nil && trust.Locked && trust.State == 0
}
