package mds_test

import (
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A model is certified, and found out a month later.
func Example() {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	service, err := mds.New(mds.Config{Secret: []byte("an example"), Clock: func() time.Time { return now }})
	if err != nil {
		panic(err)
	}
	key := webauthn.AAGUID{15: 7}
	service.Publish(mds.EntryOf(mds.Key(key, "Example Key"),
		mds.StatusReport{Status: mds.FIDOCertifiedL1, EffectiveDate: mds.On(now)},
		mds.StatusReport{Status: mds.UserKeyPhysicalCompromise, EffectiveDate: mds.On(now.AddDate(0, 1, 0))}))
	tell := func() {
		p := service.Payload()
		reports := p.Entries[0].StatusReports
		fmt.Println(p.Number, p.NextUpdate, reports[len(reports)-1].Status)
	}
	tell()
	now = now.AddDate(0, 1, 0)
	tell()
	// Output:
	// 1 2030-01-31 FIDO_CERTIFIED_L1
	// 2 2030-03-03 USER_KEY_PHYSICAL_COMPROMISE
}
