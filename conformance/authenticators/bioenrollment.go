package authenticators

import (
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// Members of bioEnrollment (§6.7).
const (
	bioModality = iota + 1
	bioSubCommand
	bioParams
	bioProtocol
	bioParam
	bioGetModality

	bioTemplateID = 1
	bioName       = 2
	bioTimeout    = 3

	bioAnswerKind       = 2
	bioAnswerSamples    = 3
	bioAnswerTemplateID = 4
	bioAnswerStatus     = 5
	bioAnswerRemaining  = 6
	bioAnswerTemplates  = 7
	bioAnswerMaxName    = 8
)

// enrol is a request of bioEnrollment, authorised by a token.
func enrol(t token, sub ctap.SubCommand, params cbor.Map) request {
	r := bioRequest(bioModality, ctap.ModalityFingerprint, bioSubCommand, int64(sub))
	message := []byte{ctap.ModalityFingerprint, byte(sub)}
	if params != nil {
		r = r.with(bioParams, params)
		message = append(message, cbor.Encode(params)...)
	}
	return r.with(bioProtocol, t.protocol).with(bioParam, t.over(message))
}

func bioRequest(pairs ...any) request {
	r := request{command: ctap.CommandBioEnrollment}
	for i := 0; i < len(pairs); i += 2 {
		r.params = append(r.params, cbor.Pair{Key: pairs[i], Value: pairs[i+1]})
	}
	return r
}

func (k *key) enroller() token {
	return k.token(k.protocol(), ctap.PermissionBioEnrollment, "")
}

// enrolFinger has the device learn a finger, and returns its template ID.
func (k *key) enrolFinger(t token) []byte {
	a := k.send(enrol(t, ctap.EnrollBegin, nil))
	k.expectOK(a)
	id := k.bytesOf(a, bioAnswerTemplateID)
	for last := k.uintOf(a, bioAnswerRemaining); last > 0; {
		a = k.send(enrol(t, ctap.EnrollCaptureNextSample, cbor.Map{{Key: bioTemplateID, Value: id}}))
		k.expectOK(a)
		now := k.uintOf(a, bioAnswerRemaining)
		if now >= last {
			k.Differ(fmt.Sprintf("less than %d", last), fmt.Sprint(now), "remainingSamples does not fall, sample status %d", k.uintOf(a, bioAnswerStatus))
			k.FailNow()
		}
		last = now
	}
	k.known = nil
	return id
}

// twoFingers enrols two, where there is room.
func (k *key) twoFingers(t token) (a, b []byte) {
	a = k.enrolFinger(t)
	if k.send(enrol(t, ctap.EnrollBegin, nil)).status == ctap.FPDatabaseFull {
		k.Unsupportedf("needs room for two fingers")
	}
	return a, k.enrolFinger(t) // which begins anew
}

func named(id []byte, name string) cbor.Map {
	return cbor.Map{{Key: bioTemplateID, Value: id}, {Key: bioName, Value: name}}
}

// templates are those that the device tells of, by ID.
func (k *key) templates(t token) map[string]string {
	a := k.send(enrol(t, ctap.EnumerateEnrollments, nil))
	k.expectOK(a)
	list, ok := k.member(a, bioAnswerTemplates).(cbor.Array)
	if !ok {
		k.wrongType(a, bioAnswerTemplates, "array")
	}
	out := map[string]string{}
	for _, element := range list {
		m, _ := element.(cbor.Map)
		name, _ := m.Get(bioName)
		text, _ := name.(string)
		out[string(bytesIn(m, bioTemplateID))] = text
	}
	return out
}

// bioEnrollmentCases are those of authenticatorBioEnrollment (§6.7).
func bioEnrollmentCases() []testCase {
	const plain = "bioenrollment/enroll/plain"
	needs := func(more ...need) []need { return append([]need{bioEnroll, pinToken}, more...) }
	return []testCase{
		{
			ID: "bioenrollment/modality", Spec: at("6.7.2", ""), Level: conformance.Must, Needs: []need{bioEnroll},
			Doc:     "getModality tells fingerprints, without a token.",
			Catches: []string{"bio/modality-unknown"},
			Run: on(func(k *key) {
				a := k.send(bioRequest(bioGetModality, true))
				k.expectOK(a)
				if n := k.uintOf(a, bioModality); n != ctap.ModalityFingerprint {
					k.Differ("1", fmt.Sprint(n), "another modality")
				}
			}),
		},
		{
			ID: "bioenrollment/sensor", Spec: at("6.7.3", ""), Level: conformance.Must, Needs: []need{bioEnroll},
			Doc:     "getFingerprintSensorInfo tells a kind of sensor and how many samples are needed, without a token.",
			Catches: []string{"bio/sensor-kind"},
			Run: on(func(k *key) {
				a := k.send(bioRequest(bioModality, ctap.ModalityFingerprint, bioSubCommand, int64(ctap.GetFingerprintSensorInfo)))
				k.expectOK(a)
				if kind := k.uintOf(a, bioAnswerKind); kind != ctap.FingerprintTouch && kind != ctap.FingerprintSwipe {
					k.Differ("1 or 2", fmt.Sprint(kind), "another kind of sensor")
				}
				if k.uintOf(a, bioAnswerSamples) == 0 {
					k.Errorf("no samples are needed")
				}
			}),
		},
		{
			ID: plain, Spec: at("6.7.4", ""), Level: conformance.Must, Needs: needs(),
			Doc: "A finger can be enrolled, and then options uv and bioEnroll are true.",
			Run: on(func(k *key) {
				k.enrolFinger(k.enroller())
				if i := k.freshInfo(); !i.option(ctap.OptionUV) || !i.option(ctap.OptionBioEnroll) {
					k.Differ("uv and bioEnroll true", i.summary(), "other options")
				}
			}),
		},
		{
			ID: "bioenrollment/enroll/verifies", Spec: at("6.7.4", ""), Level: conformance.Must, Needs: needs(), Twin: plain,
			Doc:     "A finger that was enrolled verifies its user.",
			Catches: []string{"bio/id-missing", "bio/not-kept", "bio/remaining-frozen"},
			Run: on(func(k *key) {
				k.enrolFinger(k.enroller())
				k.flags(k.created(k.ask(withOption(k.newCredential(), "uv", true))).data, flagUV, 0)
			}),
		},
		{
			ID: "bioenrollment/enroll/sample-status", Spec: at("6.7.4", ""), Level: conformance.Must, Needs: needs(), Twin: plain,
			Doc:     "A sample that counts is told to be good, and each has one less to come.",
			Catches: []string{"bio/good-is-poor"},
			Run: on(func(k *key) {
				t := k.enroller()
				a := k.send(enrol(t, ctap.EnrollBegin, nil))
				k.expectOK(a)
				id := k.bytesOf(a, bioAnswerTemplateID)
				for k.uintOf(a, bioAnswerRemaining) > 0 {
					before := k.uintOf(a, bioAnswerRemaining)
					a = k.send(enrol(t, ctap.EnrollCaptureNextSample, cbor.Map{{Key: bioTemplateID, Value: id}}))
					k.expectOK(a)
					k.absent(a, bioAnswerTemplateID, "which tells it at the beginning alone")
					if status, left := k.uintOf(a, bioAnswerStatus), k.uintOf(a, bioAnswerRemaining); status != 0 || left != before-1 {
						k.Differ(fmt.Sprintf("status 0, %d remaining", before-1), fmt.Sprintf("status %d, %d remaining", status, left), "another sample")
						k.FailNow()
					}
				}
			}),
		},
		{
			ID: "bioenrollment/enroll/without-touch", Spec: at("6.7.4", ""), Level: conformance.MustNot, Needs: needs(person), Twin: plain,
			Doc:     "Where no finger touches the sensor no good sample is told.",
			Catches: []string{"bio/learns-without-touch"},
			Run: on(func(k *key) {
				t := k.enroller()
				k.user(Decline)
				a := k.send(enrol(t, ctap.EnrollBegin, nil))
				if a.status == ctap.OK && k.uintOf(a, bioAnswerStatus) == 0 {
					k.Differ("an error, or another status of the sample", "a good sample", "a finger was learned that is not there")
				}
			}),
		},
		{
			ID: "bioenrollment/enroll/unfinished", Spec: at("6.7.4", ""), Level: conformance.MustNot, Needs: needs(), Twin: plain,
			Doc: "A finger that was not enrolled to the end is none.",
			Run: on(func(k *key) {
				t := k.enroller()
				a := k.send(enrol(t, ctap.EnrollBegin, nil))
				k.expectOK(a)
				if k.uintOf(a, bioAnswerRemaining) == 0 {
					k.Unsupportedf("needs a device that wants more than one sample")
				}
				if k.freshInfo().option(ctap.OptionUV) {
					k.Errorf("option uv is true")
				}
				k.expect(k.send(enrol(t, ctap.EnumerateEnrollments, nil)), ctap.InvalidOption)
			}),
		},
		{
			ID: "bioenrollment/enroll/cancelled", Spec: at("6.7.5", ""), Level: conformance.Must, Needs: needs(), Twin: plain,
			Doc: "cancelCurrentEnrollment succeeds without a token, also where nothing is under way, and ends the enrolment.",
			Run: on(func(k *key) {
				cancel := bioRequest(bioModality, ctap.ModalityFingerprint, bioSubCommand, int64(ctap.CancelCurrentEnrollment))
				k.expect(k.send(cancel), ctap.OK)
				t := k.enroller()
				a := k.send(enrol(t, ctap.EnrollBegin, nil))
				k.expectOK(a)
				k.expect(k.send(cancel), ctap.OK)
				k.refused(k.send(enrol(t, ctap.EnrollCaptureNextSample, cbor.Map{{Key: bioTemplateID, Value: k.bytesOf(a, bioAnswerTemplateID)}})))
			}),
		},
		{
			ID: "bioenrollment/enroll/other-template", Spec: at("6.7.4", ""), Level: conformance.Must, Needs: needs(), Twin: plain,
			Doc: "A sample for a template that is not being enrolled is an error.",
			Run: on(func(k *key) {
				t := k.enroller()
				k.expectOK(k.send(enrol(t, ctap.EnrollBegin, nil)))
				k.refused(k.send(enrol(t, ctap.EnrollCaptureNextSample, cbor.Map{{Key: bioTemplateID, Value: k.draw(7)}})))
			}),
		},
		{
			ID: "bioenrollment/enroll/kept", Spec: at("6.7.4", ""), Level: conformance.Must, Needs: needs(power), Twin: plain,
			Doc:     "A finger is still enrolled after a power cycle, and not after a reset.",
			Catches: []string{"bio/not-kept", "bio/remaining-frozen"},
			Run: on(func(k *key) {
				k.enrolFinger(k.enroller())
				k.powerCycle()
				if !k.info().option(ctap.OptionUV) {
					k.Errorf("option uv is false after a power cycle")
				}
				k.resetNow()
				if k.info().option(ctap.OptionUV) {
					k.Errorf("option uv is true after a reset")
				}
			}),
		},
		{
			ID: "bioenrollment/full", Spec: at("6.7.4", ""), Level: conformance.Must, Needs: needs(), Twin: plain,
			Doc:     "Where there is no room for another finger the answer is FP_DATABASE_FULL.",
			Catches: []string{"bio/id-missing"},
			Run: on(func(k *key) {
				t := k.enroller()
				for range 64 {
					a := k.send(enrol(t, ctap.EnrollBegin, nil))
					if a.status == ctap.FPDatabaseFull {
						return
					}
					k.expectOK(a)
					id, left := k.bytesOf(a, bioAnswerTemplateID), k.uintOf(a, bioAnswerRemaining)
					for range left {
						a := k.send(enrol(t, ctap.EnrollCaptureNextSample, cbor.Map{{Key: bioTemplateID, Value: id}}))
						if a.status == ctap.FPDatabaseFull { // some look only once there is something to keep
							return
						}
						k.expectOK(a)
					}
				}
				k.Unsupportedf("needs a device with room for fewer than 64 fingers")
			}),
		},
		{
			ID: "bioenrollment/enumerate/plain", Spec: at("6.7.6", ""), Level: conformance.Must, Needs: needs(),
			Doc:     "Each finger that was enrolled is told, with the name that it was given.",
			Catches: []string{"bio/list-cut", "bio/names-swapped", "bio/rename-lost"},
			Run: on(func(k *key) {
				t := k.enroller()
				a, b := k.twoFingers(t)
				k.expect(k.send(enrol(t, ctap.SetFriendlyName, named(a, "left thumb"))), ctap.OK)
				told := k.templates(t)
				if _, ok := told[string(b)]; len(told) != 2 || told[string(a)] != "left thumb" || !ok {
					k.Differ(fmt.Sprintf("%x named left thumb, and %x", a, b), fmt.Sprintf("%q", told), "other fingers")
				}
			}),
		},
		{
			ID: "bioenrollment/enumerate/none", Spec: at("6.7.6", ""), Level: conformance.Must, Needs: needs(), Twin: "bioenrollment/enumerate/plain",
			Doc: "Where no finger is enrolled the answer is INVALID_OPTION.",
			Run: on(func(k *key) {
				k.expect(k.send(enrol(k.enroller(), ctap.EnumerateEnrollments, nil)), ctap.InvalidOption)
			}),
		},
		{
			ID: "bioenrollment/name/unknown", Spec: at("6.7.7", ""), Level: conformance.Must, Needs: needs(), Twin: "bioenrollment/enumerate/plain",
			Doc: "A name for a finger that is not enrolled is answered with INVALID_OPTION.",
			Run: on(func(k *key) {
				k.expect(k.send(enrol(k.enroller(), ctap.SetFriendlyName, named(k.draw(7), "none"))), ctap.InvalidOption)
			}),
		},
		{
			ID: "bioenrollment/name/too-long", Spec: at("6.7.7", ""), Level: conformance.Must, Needs: needs(), Twin: "bioenrollment/enumerate/plain",
			Doc: "A name longer than maxTemplateFriendlyName is an error.",
			Run: on(func(k *key) {
				t := k.enroller()
				id := k.enrolFinger(t)
				a := k.send(bioRequest(bioModality, ctap.ModalityFingerprint, bioSubCommand, int64(ctap.GetFingerprintSensorInfo)))
				k.expectOK(a)
				most := int(k.uintOf(a, bioAnswerMaxName))
				k.expect(k.send(enrol(t, ctap.SetFriendlyName, named(id, strings.Repeat("n", most)))), ctap.OK)
				k.refused(k.send(enrol(t, ctap.SetFriendlyName, named(id, strings.Repeat("n", most+1)))))
			}),
		},
		{
			ID: "bioenrollment/remove/plain", Spec: at("6.7.8", ""), Level: conformance.Must, Needs: needs(),
			Doc:     "A finger that was removed is gone; without the last one options uv and bioEnroll are false.",
			Catches: []string{"bio/remove-lost"},
			Run: on(func(k *key) {
				t := k.enroller()
				id := k.enrolFinger(t)
				k.expect(k.send(enrol(t, ctap.RemoveEnrollment, cbor.Map{{Key: bioTemplateID, Value: id}})), ctap.OK)
				if i := k.freshInfo(); i.option(ctap.OptionUV) || i.option(ctap.OptionBioEnroll) {
					k.Differ("uv and bioEnroll false", i.summary(), "other options")
				}
			}),
		},
		{
			ID: "bioenrollment/remove/one-of-two", Spec: at("6.7.8", ""), Level: conformance.Must, Needs: needs(), Twin: "bioenrollment/remove/plain",
			Doc:     "Of two fingers the one that is removed is gone, and the other is not.",
			Catches: []string{"bio/removes-all"},
			Run: on(func(k *key) {
				t := k.enroller()
				a, b := k.twoFingers(t)
				k.expect(k.send(enrol(t, ctap.RemoveEnrollment, cbor.Map{{Key: bioTemplateID, Value: a}})), ctap.OK)
				if told := k.templates(t); len(told) != 1 {
					k.Differ(fmt.Sprintf("%x alone", b), fmt.Sprintf("%q", told), "other fingers are left")
				} else if _, ok := told[string(b)]; !ok {
					k.Differ(fmt.Sprintf("%x", b), fmt.Sprintf("%q", told), "the other finger was removed")
				}
			}),
		},
		{
			ID: "bioenrollment/remove/unknown", Spec: at("6.7.8", ""), Level: conformance.Must, Needs: needs(), Twin: "bioenrollment/remove/plain",
			Doc:     "A finger that is not enrolled cannot be removed: the answer is INVALID_OPTION.",
			Catches: []string{"bio/remove-lost"},
			Run: on(func(k *key) {
				t := k.enroller()
				k.enrolFinger(t)
				k.expect(k.send(enrol(t, ctap.RemoveEnrollment, cbor.Map{{Key: bioTemplateID, Value: k.draw(7)}})), ctap.InvalidOption)
			}),
		},
		{
			ID: "bioenrollment/unknown-subcommand", Spec: at("8.1", ""), Level: conformance.Must, Needs: needs(), Twin: "bioenrollment/sensor",
			Doc: "A subcommand that there is not is answered with INVALID_SUBCOMMAND.",
			Run: on(func(k *key) {
				k.expect(k.send(enrol(k.enroller(), 0x08, nil)), ctap.InvalidSubcommand)
			}),
		},
		{
			ID: "bioenrollment/token/params-covered", Spec: at("6.7", ""), Level: conformance.Must, Needs: needs(), Twin: "bioenrollment/remove/plain",
			Doc:     "A pinUvAuthParam covers modality, subCommand and subCommandParams: over others it is answered with PIN_AUTH_INVALID.",
			Catches: []string{"bio/anybody", "bio/list-cut"},
			Run: on(func(k *key) {
				t := k.enroller()
				a, b := k.twoFingers(t)
				r := enrol(t, ctap.RemoveEnrollment, cbor.Map{{Key: bioTemplateID, Value: a}})
				k.expect(k.send(r.with(bioParams, cbor.Map{{Key: bioTemplateID, Value: b}})), ctap.PINAuthInvalid)
				k.expect(k.send(r.with(bioParam, t.over([]byte{ctap.ModalityFingerprint, byte(ctap.RemoveEnrollment)}))), ctap.PINAuthInvalid)
				if n := len(k.templates(t)); n != 2 {
					k.Differ("2 fingers", fmt.Sprint(n), "a finger was removed")
				}
			}),
		},
	}
}
