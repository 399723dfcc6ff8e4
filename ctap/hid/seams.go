package hid

// Seams are the only places where a fault can act on how a [Device] speaks, and
// where an observer can look on. A nil seam changes nothing. Several Seams act in
// the order they were given.
type Seams struct {
	// Heard sees a report of the host before the device does. Of nil, the device
	// hears nothing.
	Heard func(report []byte) []byte
	// Said sees the reports that come of an event, in their order and often none at
	// all, and returns those to send. They must not be changed; return others.
	Said func(reports [][]byte) [][]byte
}

func (d *Device) heard(report []byte) []byte {
	for i := range d.config.Seams {
		if heard := d.config.Seams[i].Heard; heard != nil && report != nil {
			report = heard(report)
		}
	}
	return report
}

// said is the end of every event.
func (d *Device) said(out Outcome) Outcome {
	for i := range d.config.Seams {
		if said := d.config.Seams[i].Said; said != nil {
			out.Reports = said(out.Reports)
		}
	}
	return out
}
