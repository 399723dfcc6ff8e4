package ctaptest

import "github.com/passkeylab/passkeylab/ctap"

func bioEnrollment() map[string]ctap.Request {
	all := map[string]ctap.Request{
		"bioEnrollment-getModality": &ctap.BioEnrollmentRequest{GetModality: new(true)},
		"bioEnrollment-preview":     &ctap.BioEnrollmentRequest{GetModality: new(true), Preview: true},
	}
	name := "left thumb"
	for sub, of := range map[ctap.SubCommand]struct {
		name   string
		params *ctap.BioEnrollmentParams
	}{
		ctap.EnrollBegin:              {"enrollBegin", &ctap.BioEnrollmentParams{TimeoutMilliseconds: number(10_000)}},
		ctap.EnrollCaptureNextSample:  {"enrollCaptureNextSample", &ctap.BioEnrollmentParams{TemplateID: fill(16), TimeoutMilliseconds: number(10_000)}},
		ctap.CancelCurrentEnrollment:  {"cancelCurrentEnrollment", nil},
		ctap.EnumerateEnrollments:     {"enumerateEnrollments", nil},
		ctap.SetFriendlyName:          {"setFriendlyName", &ctap.BioEnrollmentParams{TemplateID: fill(16), TemplateFriendlyName: &name}},
		ctap.RemoveEnrollment:         {"removeEnrollment", &ctap.BioEnrollmentParams{TemplateID: fill(16)}},
		ctap.GetFingerprintSensorInfo: {"getFingerprintSensorInfo", nil},
	} {
		req := &ctap.BioEnrollmentRequest{Modality: number(ctap.ModalityFingerprint), SubCommand: sub, PinUvAuthProtocol: number(2), PinUvAuthParam: fill(32)}
		if of.params != nil {
			req.SubCommandParams = params(*of.params)
		}
		all["bioEnrollment-"+of.name] = req
	}
	return all
}

func credentialManagement() map[string]ctap.Request {
	early := &ctap.CredentialManagementRequest{SubCommand: ctap.GetCredsMetadata, PinUvAuthProtocol: number(2), PinUvAuthParam: fill(32), Preview: true}
	all := map[string]ctap.Request{"credentialManagement-preview": early}
	one := &ctap.Descriptor{ID: fill(64), Type: ctap.PublicKey}
	for sub, of := range map[ctap.SubCommand]struct {
		name   string
		params *ctap.CredentialManagementParams
	}{
		ctap.GetCredsMetadata:                      {"getCredsMetadata", nil},
		ctap.EnumerateRPsBegin:                     {"enumerateRPsBegin", nil},
		ctap.EnumerateRPsGetNextRP:                 {"enumerateRPsGetNextRP", nil},
		ctap.EnumerateCredentialsBegin:             {"enumerateCredentialsBegin", &ctap.CredentialManagementParams{RPIDHash: fill(32)}},
		ctap.EnumerateCredentialsGetNextCredential: {"enumerateCredentialsGetNextCredential", nil},
		ctap.DeleteCredential:                      {"deleteCredential", &ctap.CredentialManagementParams{CredentialID: one}},
		ctap.UpdateUserInformation: {"updateUserInformation", &ctap.CredentialManagementParams{
			CredentialID: one, User: &ctap.UserEntity{ID: []byte("handle-alice"), Name: "alice@example.com", DisplayName: "Alice"},
		}},
	} {
		req := &ctap.CredentialManagementRequest{SubCommand: sub, PinUvAuthProtocol: number(2), PinUvAuthParam: fill(32)}
		if of.params != nil {
			req.SubCommandParams = params(*of.params)
		}
		all["credentialManagement-"+of.name] = req
	}
	return all
}

func config() map[string]ctap.Request {
	all := make(map[string]ctap.Request)
	for sub, of := range map[ctap.SubCommand]struct {
		name   string
		params any
	}{
		ctap.EnableEnterpriseAttestation: {"enableEnterpriseAttestation", nil},
		ctap.ToggleAlwaysUv:              {"toggleAlwaysUv", nil},
		ctap.SetMinPINLength: {"setMinPINLength", ctap.SetMinPINLengthParams{
			NewMinPINLength: number(6), MinPINLengthRPIDs: []string{"example.com"}, ForceChangePIN: new(true), PINComplexityPolicy: new(true),
		}},
		ctap.EnableLongTouchForReset: {"enableLongTouchForReset", nil},
		ctap.VendorPrototype:         {"vendorPrototype", ctap.VendorPrototypeParams{VendorCommandID: number(7)}},
	} {
		req := &ctap.ConfigRequest{SubCommand: sub, PinUvAuthProtocol: number(2), PinUvAuthParam: fill(32)}
		if of.params != nil {
			if err := req.SetParams(of.params); err != nil {
				panic(err) // these parameters are ours, and always encode
			}
		}
		all["config-"+of.name] = req
	}
	return all
}

func params[T any](value T) *ctap.Params[T] {
	p, err := ctap.NewParams(value)
	if err != nil {
		panic(err) // these parameters are ours, and always encode
	}
	return p
}
