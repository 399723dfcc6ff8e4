package fault_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// info lists every member of getInfo.
func info(w *world) {
	w.create("passkey", creation())
	w.setPIN(pin, 64)
	status, body := w.send(new(ctap.GetInfoRequest))
	w.see("getInfo", "%s, %s", status, form(body))
	all := members(body)
	var options map[string]bool
	_ = cbor.Unmarshal(all[4], &options)
	for id, value := range inOrder(options) {
		w.see("getInfo, option "+id, "%v", value)
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if key == 4 {
			continue
		}
		w.see(fmt.Sprintf("getInfo, member 0x%02X", key), "%s", canon.Diagnose(all[key]))
	}
	before := w.member(new(ctap.GetInfoRequest), 0x19)
	w.granted(pcmr, "")
	one, other := w.member(new(ctap.GetInfoRequest), 0x19), w.member(new(ctap.GetInfoRequest), 0x19)
	w.see("encIdentifier", "there after pcmr: %v, fresh each time: %v", before == "absent" && one != "absent", one != other)
}

// protection is about who may find what.
func protection(w *world) {
	ids := map[int][]byte{}
	for level := 1; level <= 3; level++ {
		ids[level] = w.create(fmt.Sprintf("level %d", level), creation(forUser(fmt.Sprint("user", level)), extending(ctap.ExtensionCredProtect, level)))
	}
	w.create("no level asked for", creation(forUser("user0")))
	for level := 1; level <= 3; level++ {
		w.assert(fmt.Sprintf("level %d listed, unverified", level), signIn(unverified, allowing(ids[level])))
		w.create(fmt.Sprintf("level %d excluded, unverified", level), creation(forUser("mallory"), func(r *ctap.MakeCredentialRequest) {
			r.Options, r.ExcludeList = nil, descriptors(ids[level])
		}))
	}
	w.assert("unverified", signIn(unverified))
	w.next("unverified, second")
	w.next("unverified, third")
	w.next("unverified, fourth")
	w.assert("verified", signIn())
	w.setPIN(pin, 64)
	hash := sha256.Sum256([]byte(rpID))
	w.entries("managed", w.granted(cm, ""), hash[:])
}

// entries lists credentials by credential management.
func (w *world) entries(what string, token, hash []byte) (ids [][]byte) {
	req := managing(token, ctap.EnumerateCredentialsBegin, &ctap.CredentialManagementParams{RPIDHash: hash})
	for n := 1; n <= 5; n++ {
		status, body := w.send(req)
		at := fmt.Sprintf("%s, credential %d", what, n)
		w.see(at+", status", "%s", status)
		if status != "CTAP1_ERR_SUCCESS" {
			return ids
		}
		all := members(body)
		var d struct {
			ID []byte `cbor:"id"`
		}
		_ = cbor.Unmarshal(all[7], &d)
		ids = append(ids, d.ID)
		w.see(at, "%s, %s, total %s, credProtect %s, %s, %d bytes of largeBlobKey", w.name(d.ID), userOf(all[6]), number(all[9]), number(all[10]), keyVerdict(all[8]), len(bytesOf(all[11])))
		req = &ctap.CredentialManagementRequest{SubCommand: ctap.EnumerateCredentialsGetNextCredential}
	}
	return ids
}

// secrets is extension hmac-secret.
func secrets(w *world) {
	w.setPIN(pin, 64)
	create := func(what, user string, change func(*ctap.MakeCredentialRequest)) []byte {
		return w.create(what, creation(forUser(user), by(w.granted(mc, rpID)), change))
	}
	one := create("with hmac-secret", "alice", extending(ctap.ExtensionHMACSecret, true))
	two := create("with hmac-secret false", "bob", extending(ctap.ExtensionHMACSecret, false))
	salts := padded("first salt", 64)
	copy(salts[32:], "second salt")
	outputs := map[string][]byte{}
	get := func(what string, id []byte, salts []byte, change ...func(*ctap.GetAssertionRequest)) {
		outputs[what] = w.secret(what, id, salts, change...)
	}
	verified := func(r *ctap.GetAssertionRequest) { asserting(w.granted(ga, rpID))(r) }
	get("unverified", one, salts[:32], unverified)
	get("unverified again", one, salts[:32], unverified)
	get("verified", one, salts[:32], verified)
	get("of another credential", two, salts[:32], verified)
	get("of two salts", one, salts, verified)
	get("of the second salt", one, salts[32:], verified)
	get("of 16 bytes", one, salts[:16], verified)
	get("in silence", one, salts[:32], silently)
	get("with a wrong saltAuth", one, salts[:32], unverified, func(r *ctap.GetAssertionRequest) {
		var in ctap.HMACSecretInput
		if _, err := r.Extensions.Get(ctap.ExtensionHMACSecret, &in); err == nil {
			in.SaltAuth = make([]byte, 32)
			mustSet(&r.Extensions, ctap.ExtensionHMACSecret, in)
		}
	})
	get("with a wrong saltAuth over half a block", one, salts[:32], unverified, func(r *ctap.GetAssertionRequest) {
		var in ctap.HMACSecretInput
		if _, err := r.Extensions.Get(ctap.ExtensionHMACSecret, &in); err == nil {
			in.SaltEnc, in.SaltAuth = make([]byte, 17), make([]byte, 32)
			mustSet(&r.Extensions, ctap.ExtensionHMACSecret, in)
		}
	})
	same := func(a, b string) string {
		if len(outputs[a]) == 0 || len(outputs[b]) == 0 {
			return "not to be compared"
		}
		return fmt.Sprint(bytes.Equal(outputs[a], outputs[b]))
	}
	w.see("the same secret again", "%s", same("unverified", "unverified again"))
	w.see("the same verified and not", "%s", same("unverified", "verified"))
	w.see("the same of two credentials", "%s", same("verified", "of another credential"))
	if both := outputs["of two salts"]; len(both) == 64 {
		w.see("two salts", "first as alone %v, second as alone %v", bytes.Equal(both[:32], outputs["verified"]), bytes.Equal(both[32:], outputs["of the second salt"]))
	} else {
		w.see("two salts", "%d bytes", len(both))
	}
	w.cut()
	get("after a power cut", one, salts[:32], verified)
	w.see("the same after a power cut", "%s", same("verified", "after a power cut"))
	key, shared, err := w.agree(pinuv.Two)
	if err == nil {
		w.create("with hmac-secret-mc", creation(forUser("carol"), by(w.granted(mc, rpID)), extending(ctap.ExtensionHMACSecret, true),
			extending(ctap.ExtensionHMACSecretMC, input(key, shared, salts[:32]))))
	}
}

func input(key *ctap.KeyAgreement, shared pinuv.Secret, salts []byte) ctap.HMACSecretInput {
	enc := encrypt(shared, salts)
	return ctap.HMACSecretInput{KeyAgreement: key, SaltEnc: enc, SaltAuth: shared.Authenticate(enc), PinUvAuthProtocol: ptr(uint64(pinuv.Two))}
}

// secret asks for a secret and decrypts it.
func (w *world) secret(what string, id, salts []byte, change ...func(*ctap.GetAssertionRequest)) []byte {
	key, shared, err := w.agree(pinuv.Two)
	if err != nil {
		w.see(what, "%v", err)
		return nil
	}
	req := signIn(append([]func(*ctap.GetAssertionRequest){allowing(id), wanting(ctap.ExtensionHMACSecret, input(key, shared, salts))}, change...)...)
	status, body := w.send(req)
	if status != "CTAP1_ERR_SUCCESS" {
		w.see(what, "%s", status)
		return nil
	}
	data, err := webauthn.ParseAuthenticatorData(bytesOf(members(body)[2]))
	if err != nil {
		w.see(what, "%v", err)
		return nil
	}
	var outputs map[string]cbor.RawMessage
	_ = cbor.Unmarshal(data.Extensions, &outputs)
	secret, err := shared.Decrypt(bytesOf(outputs[ctap.ExtensionHMACSecret]))
	if err != nil {
		w.see(what, "no secret: %v", err)
		return nil
	}
	w.see(what, "%d bytes", len(secret))
	w.asked()
	return secret
}

// blobs is credBlob, largeBlobKey and the large-blob array.
func blobs(w *world) {
	w.setPIN(pin, 64)
	create := func(what, user string, change ...func(*ctap.MakeCredentialRequest)) []byte {
		return w.create(what, creation(append([]func(*ctap.MakeCredentialRequest){forUser(user), by(w.granted(mc, rpID))}, change...)...))
	}
	one := create("with a credBlob", "alice", extending(ctap.ExtensionCredBlob, []byte("twenty bytes of blob")), extending(ctap.ExtensionLargeBlobKey, true))
	create("with a credBlob too long", "bob", extending(ctap.ExtensionCredBlob, make([]byte, 33)))
	w.assert("credBlob", signIn(unverified, allowing(one), wanting(ctap.ExtensionCredBlob, true), wanting(ctap.ExtensionLargeBlobKey, true)))
	w.see("initial array", "%s", w.array())
	sum := sha256.Sum256([]byte("\x81\x01 some more bytes"))
	array := append([]byte("\x81\x01 some more bytes"), sum[:16]...)
	size := ptr(uint64(len(array)))
	w.status("writing without a token", writing(nil, array, 0, size))
	w.status("writing without permission lbw", writing(w.granted(mc, rpID), array, 0, size))
	token := w.granted(lbw, "")
	w.status("first fragment", writing(token, array[:20], 0, size))
	w.status("second fragment", writing(token, array[20:], 20, nil))
	w.see("array", "%s", w.array())
	bad := append(append([]byte{}, array[:len(array)-1]...), 0)
	w.status("an array with a wrong hash", writing(token, bad, 0, size))
	w.see("array after that", "%s", w.array())
	w.status("a fragment out of order", writing(token, array[:20], 20, nil))
	w.status("a fragment too long", writing(token, make([]byte, 1137), 0, ptr(uint64(1137))))
	w.status("an array too long", writing(token, array[:20], 0, ptr(uint64(5000))))
	w.status("reading beyond the end", &ctap.LargeBlobsRequest{Get: ptr(uint64(10)), Offset: ptr(uint64(5000))})
	w.status("reading too much", &ctap.LargeBlobsRequest{Get: ptr(uint64(5000)), Offset: ptr(uint64(0))})
	w.status("reading without offset", &ctap.LargeBlobsRequest{Get: ptr(uint64(10))})
	w.cut()
	w.see("array after a power cut", "%s", w.array())
}

func (w *world) array() string {
	return w.member(&ctap.LargeBlobsRequest{Get: ptr(uint64(1000)), Offset: ptr(uint64(0))}, 1)
}

// managed is credential management.
func managed(w *world) {
	w.setPIN(pin, 64)
	w.metadata("metadata of an empty device", w.granted(cm, ""))
	w.rps("relying parties of an empty device", w.granted(cm, ""))
	for _, c := range []struct{ user, rp string }{{"erin", rpID}, {"alice", rpID}, {"bob", rpID}, {"carol", "example.org"}} {
		w.create(c.user, creation(forUser(c.user), func(r *ctap.MakeCredentialRequest) { r.RP.ID = c.rp }, by(w.granted(mc, c.rp))))
	}
	w.create("paying", creation(forUser("dave"), func(r *ctap.MakeCredentialRequest) { r.RP.ID = "pays.example" }, by(w.granted(mc, "pays.example")), extending(ctap.ExtensionThirdPartyPayment, true)))
	paying := sha256.Sum256([]byte("pays.example"))
	_, told := w.send(managing(w.granted(cm, ""), ctap.EnumerateCredentialsBegin, &ctap.CredentialManagementParams{RPIDHash: paying[:]}))
	w.see("paying, told", "%x", []byte(members(told)[12]))
	token := w.granted(cm, "")
	w.metadata("metadata", token)
	w.rps("relying parties", token)
	hash, elsewhere := sha256.Sum256([]byte(rpID)), sha256.Sum256([]byte("nowhere.invalid"))
	ids := w.entries("credentials", token, hash[:])
	w.entries("credentials of nobody", token, elsewhere[:])
	w.status("next without begin", &ctap.CredentialManagementRequest{SubCommand: ctap.EnumerateCredentialsGetNextCredential})
	w.status("without a token", &ctap.CredentialManagementRequest{SubCommand: ctap.GetCredsMetadata})
	w.status("without permission cm", managing(w.granted(mc, rpID), ctap.GetCredsMetadata, nil))
	w.metadata("metadata by pcmr", w.granted(pcmr, ""))
	first := ctap.Descriptor{Type: ctap.PublicKey}
	if len(ids) > 0 {
		first.ID = ids[0]
	}
	remove := func(token []byte) *ctap.CredentialManagementRequest {
		return managing(token, ctap.DeleteCredential, &ctap.CredentialManagementParams{CredentialID: &first})
	}
	rename := func(token []byte, user ctap.UserEntity) *ctap.CredentialManagementRequest {
		return managing(token, ctap.UpdateUserInformation, &ctap.CredentialManagementParams{CredentialID: &first, User: &user})
	}
	w.status("deleting by pcmr", remove(w.granted(pcmr, "")))
	w.status("deleting by a token for another RP ID", remove(w.granted(cm, "example.org")))
	token = w.granted(cm, "")
	w.status("renaming to another handle", rename(token, ctap.UserEntity{ID: []byte("other")}))
	w.status("renaming", rename(token, ctap.UserEntity{ID: []byte("handle-bob"), Name: "robert@example.com"}))
	w.entries("credentials after renaming", token, hash[:])
	w.status("deleting what is not there", managing(token, ctap.DeleteCredential, &ctap.CredentialManagementParams{CredentialID: &ctap.Descriptor{Type: ctap.PublicKey, ID: make([]byte, 64)}}))
	w.status("deleting", remove(token))
	w.status("deleting again", remove(token))
	w.cut()
	w.entries("credentials after deleting", w.granted(cm, ""), hash[:])
}

func (w *world) metadata(what string, token []byte) {
	status, body := w.send(managing(token, ctap.GetCredsMetadata, nil))
	all := members(body)
	w.see(what, "%s, existing %s, remaining %s", status, number(all[1]), number(all[2]))
}

func (w *world) rps(what string, token []byte) {
	req := managing(token, ctap.EnumerateRPsBegin, nil)
	var list []string
	for range 4 {
		status, body := w.send(req)
		if status != "CTAP1_ERR_SUCCESS" {
			list = append(list, status)
			break
		}
		all := members(body)
		var rp ctap.RPEntity
		_ = cbor.Unmarshal(all[3], &rp)
		list = append(list, fmt.Sprintf("%s (%s, total %s)", rp.ID, hashName(rp.ID, padded(string(bytesOf(all[4])), max(32, len(bytesOf(all[4]))))), number(all[5])))
		req = &ctap.CredentialManagementRequest{SubCommand: ctap.EnumerateRPsGetNextRP}
	}
	w.see(what, "%s", strings.Join(list, "; "))
}

// configured is authenticatorConfig and what follows from it.
func configured(w *world) {
	w.setPIN(pin, 64)
	w.create("passkey", creation(forUser("bob"), by(w.granted(mc, rpID))))
	w.status("without a token", configuring(nil, ctap.ToggleAlwaysUv, nil))
	w.status("without permission acfg", configuring(w.granted(mc, rpID), ctap.ToggleAlwaysUv, nil))
	token := w.granted(acfg, "")
	w.status("alwaysUv on", configuring(token, ctap.ToggleAlwaysUv, nil))
	w.see("options under alwaysUv", "%s", w.options())
	w.see("versions under alwaysUv", "%s", w.member(new(ctap.GetInfoRequest), 1))
	w.create("unverified under alwaysUv", creation(func(r *ctap.MakeCredentialRequest) { r.Options = nil }))
	w.assert("unverified sign-in under alwaysUv", signIn(unverified))
	w.status("alwaysUv off", configuring(token, ctap.ToggleAlwaysUv, nil))
	w.create("minPinLength before", creation(by(w.granted(mc, rpID)), extending(ctap.ExtensionMinPINLength, true)))
	token = w.granted(acfg, "")
	w.status("minimum of 6", configuring(token, ctap.SetMinPINLength, ctap.SetMinPINLengthParams{NewMinPINLength: ptr(uint64(6)), MinPINLengthRPIDs: []string{"listed.example"}}))
	w.see("minPINLength", "%s", w.member(new(ctap.GetInfoRequest), 0x0D))
	w.status("minimum of 4", configuring(token, ctap.SetMinPINLength, ctap.SetMinPINLengthParams{NewMinPINLength: ptr(uint64(4))}))
	w.see("change to five digits", "%s", w.changePIN(pin, "31415"))
	w.create("minPinLength unlisted", creation(by(w.granted(mc, rpID)), extending(ctap.ExtensionMinPINLength, true)))
	w.create("minPinLength listed", creation(func(r *ctap.MakeCredentialRequest) { r.RP.ID = "listed.example" }, by(w.granted(mc, "listed.example")), extending(ctap.ExtensionMinPINLength, true)))
	token = w.granted(acfg, "")
	w.status("force change", configuring(token, ctap.SetMinPINLength, ctap.SetMinPINLengthParams{ForceChangePIN: ptr(true)}))
	w.see("forcePINChange", "%s", w.member(new(ctap.GetInfoRequest), 0x0C))
	w.see("change to the same PIN", "%s", w.changePIN(pin, pin))
	w.see("change to another", "%s", w.changePIN(pin, "161803"))
	token, _ = w.token("161803", acfg, "")
	w.status("long touch", configuring(token, ctap.EnableLongTouchForReset, nil))
	w.see("longTouchForReset", "%s", w.member(new(ctap.GetInfoRequest), 0x18))
	w.status("unknown subcommand", configuring(token, 0x63, nil))
}
