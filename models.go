package passkeylab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/webauthn"
)

// WithModels has the lab run a metadata service that the embedded site believes, so
// that a policy can ask for models: [Lab.Certify] makes one known, and [Lab.Report]
// says what has become of it. From the first such lab on, every site of the process
// believes the labs' makers in Apple's and Google's formats, too, whose roots are not a
// matter of metadata.
func WithModels() Option { return func(o *options) { o.models = true } }

// makersSecret makes the same makers for all labs of a stage. Anybody can make their
// keys.
const makersSecret = "passkeylab labs, for tests only"

// makersAt are those whose devices labs have that begin at this time: the same ones for
// twenty years, as keys of RSA take a while.
func (s *Stage) makersAt(start time.Time) *attestation.Makers {
	const span = 20 // in years, as many as authorities are good for on both sides of their own time
	year := start.Year() - start.Year()%span
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.makers[year]
	if !ok {
		known = attestation.NewMakers([]byte(makersSecret), time.Date(year+span/2, 1, 1, 0, 0, 0, 0, time.UTC))
		s.makers[year] = known
	}
	return known
}

// openModels starts the metadata service of a lab that is to have one.
func (l *Lab) openModels() error {
	if !l.options.models {
		return nil
	}
	if err := trustMakers(); err != nil {
		return err
	}
	secret := binary.BigEndian.AppendUint64([]byte("metadata"), l.options.seed)
	service, err := mds.New(mds.Config{Secret: secret, Clock: l.clock.Now})
	if err != nil {
		return err
	}
	l.models = service
	l.options.metadata = &ceremony.MetadataConfig{
		Root: service.Root(), Source: func(context.Context) ([]byte, error) { return service.BLOB() },
	}
	return nil
}

// trustMakers has every site of the process believe the labs' makers in formats whose
// roots are not a matter of metadata. Verifiers hold those to the machine's clock, so
// that they are the makers of its time; those of others have the same keys and names.
var trustMakers = sync.OnceValue(func() (err error) {
	makers := NewStage(StageOptions{}).makersAt(time.Now())
	for _, format := range []string{webauthn.FormatApple, webauthn.FormatAndroidKey, webauthn.FormatAndroidSafetyNet} {
		roots, failed := makers.Roots(format)
		err = errors.Join(err, failed, ceremony.TrustFormatRoots(format, roots...))
	}
	return err
})

// Certify publishes metadata of the models of devices, certified. The lab needs
// [WithModels].
func (l *Lab) Certify(devices ...*Device) {
	l.t.Helper()
	for _, d := range devices {
		l.needModels("certifying " + d.name)
		statement, err := profile.Metadata(l.t.Context(), d.model.Name, d.model, l.stage.makersAt(l.options.start))
		l.must("certifying "+d.name, err)
		l.models.Publish(mds.EntryOf(statement, mds.StatusReport{Status: mds.FIDOCertifiedL1, EffectiveDate: mds.On(l.clock.Now())}))
		l.record.step(fmt.Sprintf("metadata have the model of %s: %q, certified", d.name, d.model.Name), nil)
	}
}

// Report publishes a new status of the model of a device, such as [mds.Revoked]. The
// site learns of it when it renews its metadata, which is a month later at most.
func (l *Lab) Report(d *Device, status mds.Status) {
	l.t.Helper()
	l.needModels("reporting on " + d.name)
	_, err := l.models.Report(d.model.AAGUID, mds.StatusReport{Status: status, EffectiveDate: mds.On(l.clock.Now())})
	l.must("reporting on "+d.name, err)
	l.record.step(fmt.Sprintf("metadata say that the model of %s is %s", d.name, status), nil)
}

func (l *Lab) needModels(doing string) {
	l.t.Helper()
	if l.models == nil {
		l.fail(doing, "a lab made with WithModels", "a lab without a metadata service")
	}
}

// LaptopAttesting adds a laptop whose keys are bound to it, and which attests to them
// by this format, as a maker of the lab does it.
func (l *Lab) LaptopAttesting(name, format string) *Device {
	l.t.Helper()
	model := authenticator.Laptop()
	model.BackupEligible, model.BackedUp = false, false
	model.Algorithms = []webauthn.Algorithm{webauthn.ES256} // which every format can attest to
	by, err := l.stage.makersAt(l.options.start).Attester(format, attestation.Product{AAGUID: model.AAGUID, Level: attestation.TrustedEnvironment})
	l.must("a new device", err)
	model.AttestationFormats, model.Attesters = []string{format}, []attestation.Attester{by}
	if format == webauthn.FormatNone {
		model.Attesters = nil
	}
	return l.device(name, model)
}
