package passkeylab

import "context"

// openTab opens a tab for a visit, by the lab's link.
func (l *Lab) openTab(ctx context.Context, s *Site, d *Device) (tab, error) {
	if l.options.link == Wire {
		return openWire(s, d)
	}
	return l.openChrome(ctx, d)
}
