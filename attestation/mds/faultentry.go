package mds

import "slices"

// entryFaults are those of the first entry; the others stay right.
var entryFaults = []Fault{
	{
		ID: "entry/aaguid-number", Spec: "MDS §3.1.1", Doc: "The AAGUID is a number.",
		seams: seams{text: onFirst(func(e map[string]any) { e["aaguid"] = 7 })},
	}, {
		ID: "entry/aaguid-short", Spec: "MDS §3.1.1", Doc: "The AAGUID lacks its last digits.",
		seams: seams{payload: first(func(e *Entry) { e.AAGUID = e.AAGUID[:len(e.AAGUID)/2] })},
	}, {
		ID: "entry/no-name", Spec: "MDS §3.1.1", Doc: "The entry does not say which model it is about.",
		seams: seams{payload: first(func(e *Entry) { e.AAGUID = "" })},
	}, {
		ID: "entry/twice", Spec: "MDS §3.1.1", Doc: "There are two entries for one model: one that says REVOKED, then one that does not.",
		seams: seams{payload: func(p *Payload) {
			if len(p.Entries) == 0 {
				return
			}
			bad := p.Entries[0]
			bad.StatusReports = append(slices.Clone(bad.StatusReports), StatusReport{Status: Revoked})
			p.Entries = append([]Entry{bad}, p.Entries...)
		}},
	}, {
		ID: "entry/statement-of-another", Spec: "MDS §3.1.1", Doc: "The statement names another model than its entry.",
		seams: seams{payload: firstStatement(func(s *Statement) { s.AAGUID = "ffffffff-ffff-4fff-bfff-ffffffffffff" })},
	}, {
		ID: "entry/statement-missing", Spec: "MDS §3.1.1", Doc: "The entry has reports and no statement, which is allowed.",
		seams: seams{payload: first(func(e *Entry) { e.MetadataStatement = nil })},
	}, {
		ID: "entry/root-not-base64", Spec: "Metadata Statement, attestationRootCertificates", Doc: "A trust anchor is in no base64.",
		seams: seams{text: onFirst(func(e map[string]any) { anchors(e, "*** no base64 ***") })},
	}, {
		ID: "entry/root-no-certificate", Spec: "Metadata Statement, attestationRootCertificates", Doc: "A trust anchor is no certificate.",
		seams: seams{text: onFirst(func(e map[string]any) { anchors(e, "AAAA") })},
	}, {
		ID: "entry/status-unknown", Spec: "MDS §3.1.4", Doc: "A report has a status that nobody knows, as those of the future will be.",
		seams: seams{payload: first(func(e *Entry) {
			e.StatusReports = append(slices.Clone(e.StatusReports), StatusReport{Status: "SUSPECTED_OF_EVERYTHING"})
		})},
	}, {
		ID: "entry/report-date", Spec: "MDS §3.1.3", Doc: "A report says REVOKED, since a day that does not exist.",
		seams: seams{text: onFirst(func(e map[string]any) {
			e["statusReports"] = []any{map[string]any{"status": Revoked, "effectiveDate": "2020-02-30"}}
		})},
	}, {
		ID: "entry/reports-missing", Spec: "MDS §3.1.1", Doc: "The entry has no list of reports.",
		seams: seams{text: onFirst(func(e map[string]any) { delete(e, "statusReports") })},
	}, {
		ID: "entry/change-date-missing", Spec: "MDS §3.1.1", Doc: "The entry does not say when its reports last changed.",
		seams: seams{text: onFirst(func(e map[string]any) { delete(e, "timeOfLastStatusChange") })},
	}, {
		ID: "entry/rogue-hash-wrong", Spec: "MDS §3.1.1", Doc: "The rogue list is not the one that the hash is of.",
		seams: seams{payload: first(func(e *Entry) {
			e.RogueListURL, e.RogueListHash = "https://mds.passkeylab.test"+roguePath(e.AAGUID), RogueList{{SK: "AAAA", Date: e.TimeOfLastStatusChange}}.Hash()
		})},
	}, {
		ID: "entry/rogue-hash-missing", Spec: "MDS §3.1.1", Doc: "There is a rogue list without a hash, so that anybody on the way can write it.",
		seams: seams{payload: first(func(e *Entry) {
			e.RogueListURL, e.RogueListHash = "https://mds.passkeylab.test"+roguePath(e.AAGUID), ""
		})},
	},
}

// first changes a copy of the first entry.
func first(change func(*Entry)) func(*Payload) {
	return func(p *Payload) {
		if len(p.Entries) > 0 {
			change(&p.Entries[0])
		}
	}
}

// firstStatement changes a copy of the first entry's statement.
func firstStatement(change func(*Statement)) func(*Payload) {
	return first(func(e *Entry) {
		if e.MetadataStatement != nil {
			s := *e.MetadataStatement
			change(&s)
			e.MetadataStatement = &s
		}
	})
}

// onFirst changes the first entry's JSON.
func onFirst(change func(map[string]any)) func([]byte) []byte {
	return edited(func(payload map[string]any) {
		if entries, is := payload["entries"].([]any); is && len(entries) > 0 {
			if e, is := entries[0].(map[string]any); is {
				change(e)
			}
		}
	})
}

func anchors(e map[string]any, all ...any) {
	if s, is := e["metadataStatement"].(map[string]any); is {
		s["attestationRootCertificates"] = all
	}
}
