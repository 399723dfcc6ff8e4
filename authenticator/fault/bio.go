package fault

import (
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
)

// onEnrolment makes a seam of a change to answers of bioEnrollment.
func onEnrolment(change func(*ctap.BioEnrollmentResponse)) authenticator.Seams {
	return authenticator.Seams{Result: answering(change)}
}

func bioFaults() []Fault {
	const enrolling, listing = "CTAP 2.3 §6.7.4", "CTAP 2.3 §6.7.6"
	return []Fault{
		{
			ID: "bio/anybody", Spec: "CTAP 2.3 §6.7.4 to §6.7.8 (pinUvAuthParam)",
			Doc:   "Whoever asks may enrol, rename and remove fingerprints.",
			Seams: unchecked(at("6.7.4", "4 and 5"), at("6.7.6", "4 and 5"), at("6.7.7", "5 and 6"), at("6.7.8", "4 and 5")),
		}, {
			ID: "bio/not-kept", Spec: enrolling,
			Doc:   "A fingerprint is learned to the last sample, and not kept.",
			Seams: keepingSettings(func(s *authenticator.Settings) { s.Templates = nil }),
		}, {
			ID: "bio/remaining-frozen", Spec: enrolling,
			Doc: "How many samples are still to come is told as two until the end, and after it.",
			Seams: onEnrolment(func(r *ctap.BioEnrollmentResponse) {
				if r.RemainingSamples != nil {
					two := uint64(2)
					r.RemainingSamples = &two
				}
			}),
		}, {
			ID: "bio/good-is-poor", Spec: enrolling,
			Doc: "Good samples are told to be of poor quality, though the device learns them.",
			Seams: onEnrolment(func(r *ctap.BioEnrollmentResponse) {
				if r.LastEnrollSampleStatus != nil {
					poor := ctap.SamplePoorQuality
					r.LastEnrollSampleStatus = &poor
				}
			}),
		}, {
			ID: "bio/poor-is-learned", Spec: enrolling,
			Doc: "Samples of any quality are learned as good ones.",
			Seams: authenticator.Seams{Answer: func(p authenticator.Prompt, g authenticator.Gesture, err error) (authenticator.Gesture, error) {
				if p.Kind == authenticator.CaptureFinger {
					g.Sample = ctap.SampleGood
				}
				return g, err
			}},
		}, {
			ID: "bio/learns-without-touch", Spec: enrolling,
			Doc:   "A fingerprint is learned without any finger on the sensor.",
			Seams: touchTaken(authenticator.CaptureFinger),
		}, {
			ID: "bio/id-missing", Spec: enrolling,
			Doc:   "Beginning to enrol does not tell by which ID to go on.",
			Seams: onEnrolment(func(r *ctap.BioEnrollmentResponse) { r.TemplateID = nil }),
		}, {
			ID: "bio/list-cut", Spec: listing,
			Doc: "The last fingerprint is left out of the list.",
			Seams: onEnrolment(func(r *ctap.BioEnrollmentResponse) {
				if n := len(r.TemplateInfos); n > 0 {
					r.TemplateInfos = r.TemplateInfos[:n-1]
				}
			}),
		}, {
			ID: "bio/names-swapped", Spec: listing,
			Doc: "In the list, each fingerprint has the name of another.",
			Seams: onEnrolment(func(r *ctap.BioEnrollmentResponse) {
				infos := slices.Clone(r.TemplateInfos)
				for i := range infos {
					infos[i].TemplateFriendlyName = r.TemplateInfos[len(infos)-1-i].TemplateFriendlyName
				}
				r.TemplateInfos = infos
			}),
		}, {
			ID: "bio/rename-lost", Spec: "CTAP 2.3 §6.7.7 step 7",
			Doc:   "Naming a fingerprint succeeds and changes nothing.",
			Seams: skipping(at("6.7.7", "7")),
		}, {
			ID: "bio/remove-lost", Spec: "CTAP 2.3 §6.7.8 step 6",
			Doc:   "Removing a fingerprint succeeds and removes nothing.",
			Seams: skipping(at("6.7.8", "6")),
		}, {
			ID: "bio/removes-all", Spec: "CTAP 2.3 §6.7.8 step 6",
			Doc:   "Removing one fingerprint removes all.",
			Seams: removesAll(),
		}, {
			ID: "bio/sensor-kind", Spec: "CTAP 2.3 §6.7.3",
			Doc: "The sensor is told to be of a kind that does not exist.",
			Seams: onEnrolment(func(r *ctap.BioEnrollmentResponse) {
				if r.FingerprintKind != nil {
					unknown := uint64(9)
					r.FingerprintKind = &unknown
				}
			}),
		}, {
			ID: "bio/modality-unknown", Spec: "CTAP 2.3 §6.7.2",
			Doc: "The modality is told to be one that does not exist.",
			Seams: onEnrolment(func(r *ctap.BioEnrollmentResponse) {
				if r.Modality != nil {
					unknown := uint64(9)
					r.Modality = &unknown
				}
			}),
		},
	}
}

// removesAll empties the list while one is removed.
func removesAll() authenticator.Seams {
	var removing bool
	return authenticator.Seams{
		Steps: within(&removing, at("6.7.8", "6")),
		Keep: func(c authenticator.Change) authenticator.Change {
			if removing && c.Settings != nil {
				settings := *c.Settings
				settings.Templates = nil
				c.Settings = &settings
			}
			return c
		},
	}
}
