package mds

import "bytes"

// tokenFaults are those of what is downloaded.
var tokenFaults = []Fault{
	{
		ID: "token/truncated", Spec: "RFC 7515 §7.1", Doc: "The download ends in the middle of the payload.",
		seams: seams{token: func(token []byte) []byte { return token[:len(token)/2] }},
	}, {
		ID: "token/signature-cut-off", Spec: "RFC 7515 §7.1", Doc: "The download ends just before the signature, at its dot.",
		seams: seams{token: func(token []byte) []byte { return token[:max(0, bytes.LastIndexByte(token, '.'))] }},
	}, {
		ID: "token/four-parts", Spec: "RFC 7515 §7.1", Doc: "A fourth part follows the signature.",
		seams: seams{token: func(token []byte) []byte { return append(token, ".AAAA"...) }},
	}, {
		ID: "token/empty", Spec: "RFC 7515 §7.1", Doc: "Nothing is downloaded, successfully.",
		seams: seams{token: func([]byte) []byte { return nil }},
	}, {
		ID: "token/page", Spec: "RFC 7515 §7.1", Doc: "A page is downloaded that asks to log in to the network.",
		seams: seams{token: func([]byte) []byte { return []byte("<!doctype html><title>Welcome</title><p>Log in to this network.") }},
	}, {
		ID: "token/padded", Spec: "RFC 7515 §2", Doc: "The parts are base64url with padding.",
		seams: seams{token: func(token []byte) []byte {
			parts := bytes.Split(token, []byte("."))
			for i, part := range parts {
				parts[i] = append(bytes.Clone(part), "==="[:(4-len(part)%4)%4]...)
			}
			if len(parts) > 2 {
				parts[2] = append(bytes.TrimRight(parts[2], "="), "=="...) // 64 and 256 bytes have two
			}
			return bytes.Join(parts, []byte("."))
		}},
	}, {
		ID: "token/new-line", Spec: "RFC 7515 §7.1", Doc: "A line ends after the BLOB, as in files that went through an editor.",
		seams: seams{token: func(token []byte) []byte { return append(token, '\n') }},
	}, {
		ID: "token/huge", Spec: "MDS §3.2 step 3", Doc: "33 MiB are downloaded, several times what the real BLOB has.",
		seams: seams{text: func(text []byte) []byte {
			const size = 33 << 20 / 4 * 3 // which base64 makes longer
			text = append(text[:len(text)-1:len(text)-1], `,"padding":"`...)
			return append(append(text, bytes.Repeat([]byte("x"), size)...), `"}`...)
		}},
	},
}
