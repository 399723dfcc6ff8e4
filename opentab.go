package passkeylab

import "context"

// openTab opens a tab for a visit, by the lab's link.
func (l *Lab) openTab(ctx context.Context, s *Site, d *Device) (tab, error) {
	return openWire(s, d)
}
