package authenticator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// everyModel is every device and variations that change what is announced.
func everyModel() []authenticator.Model {
	models := []authenticator.Model{
		authenticator.Phone(), authenticator.Laptop(), authenticator.SecurityKey(), authenticator.BioKey(), authenticator.PINKey(), plainKey(), pinKey(),
	}
	for name, change := range map[string]func(*authenticator.Model){
		"without UV":         func(m *authenticator.Model) { m.UV = authenticator.NoUV },
		"UV not set up":      func(m *authenticator.Model) { m.UV = authenticator.UVUnconfigured },
		"without rk":         func(m *authenticator.Model) { m.ResidentKeys, m.Capacity = false, 0 },
		"UV always":          func(m *authenticator.Model) { m.MakeCredUVNotRqd = false },
		"EdDSA only":         func(m *authenticator.Model) { m.Algorithms = []webauthn.Algorithm{webauthn.EdDSA} },
		"without attesting":  func(m *authenticator.Model) { m.AttestationFormats = []string{webauthn.FormatNone} },
		"room for one":       func(m *authenticator.Model) { m.Capacity = 1 },
		"lists of one":       func(m *authenticator.Model) { m.MaxCredentialCountInList = 1 },
		"short IDs, wrapped": func(m *authenticator.Model) { m.CredentialIDBytes = 16 },
		"stored, long IDs": func(m *authenticator.Model) {
			m.NonDiscoverable, m.CredentialIDBytes = authenticator.Stored, 1023
		},
		"largest messages": func(m *authenticator.Model) { m.MaxMsgSize = 7609 },
	} {
		m := keyWith(change)
		m.Name = name
		models = append(models, m)
	}
	return models
}

// Every claim of getInfo is tried.
func TestGetInfoIsTheTruth(t *testing.T) {
	t.Parallel()
	for _, model := range everyModel() {
		t.Run(model.Name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, model)
			info := r.info()
			try := func(change func(*ctap.MakeCredentialRequest)) ctap.Status {
				req := creation()
				req.Options = &ctap.Options{}
				if info.Option(ctap.OptionUV) {
					req.Options.UV = ptr(true)
				}
				req.PubKeyCredParams = info.Algorithms
				change(req)
				return r.status(req)
			}

			versions := model.Versions
			if versions == nil {
				versions = []string{ctap.VersionFIDO20}
			}
			assert.Equal(t, versions, info.Versions)
			assert.Equal(t, model.AAGUID[:], info.AAGUID)
			assert.Equal(t, model.Platform, info.Option(ctap.OptionPlat))
			assert.Equal(t, model.Transports, info.Transports)
			assert.Equal(t, model.Extensions, info.Extensions)
			assert.Len(t, info.PinUvAuthProtocols, len(model.Protocols))

			_, listed := info.Options[ctap.OptionRK]
			assert.Equal(t, listed, try(func(req *ctap.MakeCredentialRequest) { req.Options.RK = ptr(true) }) == ctap.OK, "rk")
			assert.Equal(t, listed, try(func(req *ctap.MakeCredentialRequest) { req.Options.RK = ptr(false) }) == ctap.OK, "rk false")
			assert.Equal(t, info.Option(ctap.OptionUV), try(func(req *ctap.MakeCredentialRequest) { req.Options.UV = ptr(true) }) == ctap.OK, "uv")
			withoutUV := try(func(req *ctap.MakeCredentialRequest) { req.Options.UV = nil })
			assert.Equal(t, info.Option(ctap.OptionMakeCredUvNotRqd) || !info.Option(ctap.OptionUV), withoutUV == ctap.OK, "makeCredUvNotRqd")
			_, hasUV := info.Options[ctap.OptionUV]
			assert.Equal(t, hasUV, info.UvModality != 0, "uvModality")

			for _, alg := range []webauthn.Algorithm{webauthn.ES256, webauthn.EdDSA, webauthn.ES384, webauthn.RS256} {
				announced := contains(info.Algorithms, alg)
				works := try(func(req *ctap.MakeCredentialRequest) { params(int64(alg))(req) }) == ctap.OK
				assert.Equal(t, announced, works, "%s", alg)
			}
			if limit := info.MaxCredentialCountInList; limit > 0 {
				assert.Equal(t, ctap.OK, try(func(req *ctap.MakeCredentialRequest) { req.ExcludeList = list(int(limit)) }))
				assert.Equal(t, ctap.LimitExceeded, try(func(req *ctap.MakeCredentialRequest) { req.ExcludeList = list(int(limit) + 1) }))
			}
			for _, size := range []uint64{info.MaxMsgSize, info.MaxMsgSize + 1} {
				answer, err := r.Exchange(t.Context(), append([]byte{byte(ctap.CommandGetInfo)}, make([]byte, size-1)...))
				require.NoError(t, err)
				assert.Equal(t, size > info.MaxMsgSize, ctap.Status(answer[0]) == ctap.RequestTooLarge, "maxMsgSize")
			}
		})
	}
}

func contains(announced []ctap.Parameters, alg webauthn.Algorithm) bool {
	for _, p := range announced {
		if p.Algorithm == int64(alg) && p.Type == ctap.PublicKey {
			return true
		}
	}
	return false
}

// maxCredentialIdLength and attestationFormats describe what is made.
func TestGetInfoDescribesCredentials(t *testing.T) {
	t.Parallel()
	for _, model := range everyModel() {
		r := newRig(t, model)
		info := r.info()
		var longest int
		for _, rk := range []bool{true, false} {
			req := creation(func(req *ctap.MakeCredentialRequest) {
				req.PubKeyCredParams = info.Algorithms
				req.Options = &ctap.Options{}
				if info.Option(ctap.OptionUV) {
					req.Options.UV = ptr(true)
				}
				if info.Option(ctap.OptionRK) {
					req.Options.RK = &rk
				}
			})
			made, err := ctap.Call(t.Context(), r, req)
			require.NoError(t, err, model.Name)
			longest = max(longest, len(parse(t, made.AuthData).Attested.CredentialID))
			if made.Format == webauthn.FormatNone {
				assert.Empty(t, info.AttestationFormats, model.Name)
			} else {
				assert.Equal(t, []string{made.Format}, info.AttestationFormats, model.Name)
			}
		}
		assert.Equal(t, int(info.MaxCredentialIDLength), longest, model.Name)
	}
}

func TestGetInfoCountsRemainingRoom(t *testing.T) {
	t.Parallel()
	r := newRig(t, authenticator.SecurityKey())
	assert.Equal(t, uint64(25), *r.info().RemainingDiscoverableCredentials)
	r.create()
	r.create()
	r.create(forUser("bob"))
	r.create(forUser("bob"), notDiscoverable)
	assert.Equal(t, uint64(23), *r.info().RemainingDiscoverableCredentials)
	assert.Nil(t, newRig(t, authenticator.Phone()).info().RemainingDiscoverableCredentials, "no limit")
}

// The devices differ as their kinds do.
func TestModels(t *testing.T) {
	t.Parallel()
	seen := make(map[webauthn.AAGUID]bool)
	for _, model := range []authenticator.Model{authenticator.Phone(), authenticator.Laptop(), authenticator.SecurityKey(), authenticator.BioKey(), authenticator.PINKey()} {
		require.NoError(t, model.Check())
		assert.False(t, seen[model.AAGUID], "%s has an AAGUID of its own", model.Name)
		seen[model.AAGUID] = true
		roaming := !model.Platform
		assert.Equal(t, roaming, model.Capacity > 0, model.Name)
		assert.Equal(t, !roaming, model.Display, model.Name)
		assert.Equal(t, !roaming, model.BackupEligible, model.Name)
	}
	assert.Equal(t, "70617373-6b65-796c-6162-3a0000000001", authenticator.Phone().AAGUID.String(), "permanent: sites may list it")
}

func TestModelCheck(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*authenticator.Model){
		"Transports is empty":           func(m *authenticator.Model) { m.Transports = nil },
		"Algorithms is empty":           func(m *authenticator.Model) { m.Algorithms = nil },
		"RS1 is not implemented":        func(m *authenticator.Model) { m.Algorithms = []webauthn.Algorithm{-65535} },
		`AttestationFormats: "tpm"`:     func(m *authenticator.Model) { m.AttestationFormats = []string{"tpm"} },
		"MaxMsgSize 1023":               func(m *authenticator.Model) { m.MaxMsgSize = 1023 },
		"MaxMsgSize 7610":               func(m *authenticator.Model) { m.MaxMsgSize = 7610 },
		"CredentialIDBytes 15":          func(m *authenticator.Model) { m.CredentialIDBytes = 15 },
		"CredentialIDBytes 1024":        func(m *authenticator.Model) { m.CredentialIDBytes = 1024 },
		"Capacity":                      func(m *authenticator.Model) { m.Capacity = -1 },
		"UVAttempts 6":                  func(m *authenticator.Model) { m.UVAttempts = 6 },
		"UVRetries 0":                   func(m *authenticator.Model) { m.UVRetries = 0 },
		"BackedUp needs BackupEligible": func(m *authenticator.Model) { m.BackedUp = true },
		"BackupEligible needs":          func(m *authenticator.Model) { m.BackupEligible = true },
		"CredMgmt needs PinUvAuthToken": func(m *authenticator.Model) { m.CredMgmt = true },
		"nobody could configure":        func(m *authenticator.Model) { m.Config.LongTouch = authenticator.FactoryOff },
		"nobody could write": func(m *authenticator.Model) {
			m.MaxLargeBlobs, m.Extensions = 1024, []string{ctap.ExtensionLargeBlobKey}
		},
		"Previews needs CredMgmt":    func(m *authenticator.Model) { m.Previews, m.Versions = true, []string{ctap.VersionFIDO21Pre} },
		"CounterPerCredential needs": func(m *authenticator.Model) { m.Counter = authenticator.CounterPerCredential },
	} {
		assert.ErrorContains(t, keyWith(spoil).Check(), want)
	}
}
