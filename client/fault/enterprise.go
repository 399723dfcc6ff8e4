package fault

import "github.com/passkeylab/passkeylab/ctap"

func enterpriseFaults() []Fault {
	const spec = "CTAP 2.3 §7.1"
	return []Fault{
		{ID: "create/enterprise-without-ep", Spec: spec, Doc: "Option ep of getInfo is not looked at.", Messages: onMembers(getInfo, func(_, info members) { innerOf(info, key(4))["ep"] = true })},
		made("enterprise-as-bool", makeSpec, "enterpriseAttestation is true.", func(m members) {
			if m[key(10)] != nil {
				m[key(10)] = true
			}
		}),
		made("enterprise-never", "WebAuthn L3 §5.4.7", "enterpriseAttestation is never sent.", func(m members) { delete(m, key(10)) }),
		made("enterprise-for-anybody", spec, "The client vouches for every page.", func(m members) { m[key(10)] = uint64(2) }),
		{ID: "answer/enterprise-demanded", Spec: spec, Doc: "An attestation that is not an enterprise's is refused where one was asked for.", Messages: onAnswers(create, func(request members, answer []byte) []byte {
			if m, ok := readMembers(answer[min(1, len(answer)):]); ok && request[key(10)] != nil && m[key(4)] == nil {
				return []byte{byte(ctap.Other)}
			}
			return answer
		})},
	}
}
