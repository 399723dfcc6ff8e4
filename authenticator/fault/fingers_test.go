package fault_test

import (
	"fmt"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

const be = ctap.PermissionBioEnrollment

// learning is a request of bioEnrollment with a token.
func learning(token []byte, sub ctap.SubCommand, params *ctap.BioEnrollmentParams) *ctap.BioEnrollmentRequest {
	req := &ctap.BioEnrollmentRequest{Modality: ptr(uint64(ctap.ModalityFingerprint)), SubCommand: sub, PinUvAuthProtocol: ptr(uint64(pinuv.Two))}
	if params != nil {
		var err error
		if req.SubCommandParams, err = ctap.NewParams(*params); err != nil {
			panic(err) // of the test itself
		}
	}
	req.PinUvAuthParam = pinuv.Two.Authenticate(token, pinuv.BioEnrollmentMessage(ctap.ModalityFingerprint, sub, req.SubCommandParams.Bytes()))
	return req
}

// fingers is how a device learns its owner's fingers.
func fingers(w *world) {
	w.setPIN(pin, 64)
	w.see("modality", "%s", w.member(&ctap.BioEnrollmentRequest{GetModality: ptr(true)}, 1))
	w.see("kind", "%s", w.member(&ctap.BioEnrollmentRequest{Modality: ptr(uint64(1)), SubCommand: ctap.GetFingerprintSensorInfo}, 2))
	w.status("by a token for something else", learning(w.granted(mc, rpID), ctap.EnrollBegin, nil))
	token := w.granted(be, "")
	first := w.learn("first finger", token)
	w.user.Samples(ctap.SampleGood, ctap.SampleTooFast)
	second := w.learn("second finger", token)
	w.status("naming it", learning(token, ctap.SetFriendlyName, &ctap.BioEnrollmentParams{TemplateID: first, TemplateFriendlyName: ptr("thumb")}))
	w.see("fingers", "%s", w.fingers(token))
	w.see("options", "%s", w.options())
	w.status("removing the second", learning(token, ctap.RemoveEnrollment, &ctap.BioEnrollmentParams{TemplateID: second}))
	w.see("fingers after that", "%s", w.fingers(token))
}

// learn goes on until the device has had enough, or has had ten samples.
func (w *world) learn(what string, token []byte) (id []byte) {
	w.asked()
	req := learning(token, ctap.EnrollBegin, nil)
	var seen []string
	for range 10 {
		status, body := w.send(req)
		all := members(body)
		if id == nil {
			id = bytesOf(all[4])
		}
		seen = append(seen, fmt.Sprintf("%s %s %s", strings.TrimPrefix(status, "CTAP1_ERR_"), number(all[5]), number(all[6])))
		if status != "CTAP1_ERR_SUCCESS" || number(all[6]) == "0" {
			break
		}
		req = learning(token, ctap.EnrollCaptureNextSample, &ctap.BioEnrollmentParams{TemplateID: id})
	}
	w.see(what, "%s by %s; asked %d times", strings.Join(seen, ", "), w.nameOf("finger", id), len(strings.Split(w.asked(), "capture"))-1)
	return id
}

func (w *world) fingers(token []byte) string {
	status, body := w.send(learning(token, ctap.EnumerateEnrollments, nil))
	var infos []struct {
		ID   []byte `cbor:"1,keyasint"`
		Name string `cbor:"2,keyasint"`
	}
	_ = cbor.Unmarshal(members(body)[7], &infos)
	for _, info := range infos {
		status += fmt.Sprintf(", %s %q", w.nameOf("finger", info.ID), info.Name)
	}
	return status
}
