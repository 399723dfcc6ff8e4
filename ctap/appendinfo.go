package ctap

import "github.com/passkeylab/passkeylab/internal/canon"

// appendTo lays out what clients ask for more often than anything else.
func (r *GetInfoResponse) appendTo(out []byte) []byte {
	out, m := canon.OpenMap(out)
	out = m.IntKey(out, 1)
	if r.Versions == nil {
		out = canon.AppendNull(out) // as the tag has it
	} else {
		out = appendTexts(out, r.Versions)
	}
	if len(r.Extensions) > 0 {
		out = appendTexts(m.IntKey(out, 2), r.Extensions)
	}
	out = canon.AppendBytes(m.IntKey(out, 3), r.AAGUID)
	if len(r.Options) > 0 {
		out = appendTextMap(m.IntKey(out, 4), r.Options, canon.AppendBool)
	}
	out = appendNumber(out, m, 5, r.MaxMsgSize)
	out = appendNumbers(out, m, 6, r.PinUvAuthProtocols)
	out = appendNumber(out, m, 7, r.MaxCredentialCountInList)
	out = appendNumber(out, m, 8, r.MaxCredentialIDLength)
	if len(r.Transports) > 0 {
		out = appendTexts(m.IntKey(out, 9), r.Transports)
	}
	if len(r.Algorithms) > 0 {
		out = appendParameters(m.IntKey(out, 10), r.Algorithms)
	}
	return r.appendRest(r.appendLimits(out, m), m)
}

// appendLimits is members 0x0B to 0x15.
func (r *GetInfoResponse) appendLimits(out []byte, m canon.Map) []byte {
	out = appendNumber(out, m, 11, r.MaxSerializedLargeBlobArray)
	out = appendSwitch(out, m, 12, r.ForcePINChange)
	out = appendNumber(out, m, 13, r.MinPINLength)
	out = appendNumber(out, m, 14, r.FirmwareVersion)
	out = appendNumber(out, m, 15, r.MaxCredBlobLength)
	out = appendCount(out, m, 16, r.MaxRPIDsForSetMinPINLength)
	out = appendNumber(out, m, 17, r.PreferredPlatformUvAttempts)
	out = appendNumber(out, m, 18, r.UvModality)
	if len(r.Certifications) > 0 {
		out = appendTextMap(m.IntKey(out, 19), r.Certifications, canon.AppendUint)
	}
	out = appendCount(out, m, 20, r.RemainingDiscoverableCredentials)
	if r.VendorPrototypeConfigCommands != nil {
		out = appendUints(m.IntKey(out, 21), r.VendorPrototypeConfigCommands)
	}
	return out
}

// appendRest is members 0x16 to 0x1F.
func (r *GetInfoResponse) appendRest(out []byte, m canon.Map) []byte {
	if len(r.AttestationFormats) > 0 {
		out = appendTexts(m.IntKey(out, 22), r.AttestationFormats)
	}
	out = appendCount(out, m, 23, r.UvCountSinceLastPinEntry)
	out = appendSwitch(out, m, 24, r.LongTouchForReset)
	out = appendString(out, m, 25, r.EncIdentifier)
	if len(r.TransportsForReset) > 0 {
		out = appendTexts(m.IntKey(out, 26), r.TransportsForReset)
	}
	out = appendSwitch(out, m, 27, r.PinComplexityPolicy)
	out = appendString(out, m, 28, r.PinComplexityPolicyURL)
	out = appendNumber(out, m, 29, r.MaxPINLength)
	out = appendString(out, m, 30, r.EncCredStoreState)
	if r.AuthenticatorConfigCommands != nil {
		out = appendUints(m.IntKey(out, 31), r.AuthenticatorConfigCommands)
	}
	return out
}

// The functions below leave out what is absent.

func appendNumber(out []byte, m canon.Map, key int64, n uint64) []byte {
	if n == 0 {
		return out
	}
	return canon.AppendUint(m.IntKey(out, key), n)
}

func appendCount(out []byte, m canon.Map, key int64, n *uint64) []byte {
	if n == nil {
		return out
	}
	return canon.AppendUint(m.IntKey(out, key), *n)
}

func appendSwitch(out []byte, m canon.Map, key int64, on *bool) []byte {
	if on == nil {
		return out
	}
	return canon.AppendBool(m.IntKey(out, key), *on)
}

func appendString(out []byte, m canon.Map, key int64, b []byte) []byte {
	if len(b) == 0 {
		return out
	}
	return canon.AppendBytes(m.IntKey(out, key), b)
}

func appendNumbers(out []byte, m canon.Map, key int64, list []uint64) []byte {
	if len(list) == 0 {
		return out
	}
	return appendUints(m.IntKey(out, key), list)
}

func appendUints(out []byte, list []uint64) []byte {
	out = canon.AppendArray(out, len(list))
	for _, n := range list {
		out = canon.AppendUint(out, n)
	}
	return out
}

// appendTextMap appends a map with text keys in their order.
func appendTextMap[V any](out []byte, values map[string]V, appendValue func([]byte, V) []byte) []byte {
	out = canon.AppendMap(out, len(values))
	for _, key := range sortedKeys(values) {
		out = appendValue(canon.AppendText(out, key), values[key])
	}
	return out
}
