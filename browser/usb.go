package browser

// Plug puts a key of [Options].Keys, counted from 0, into its port, where it is
// when the browser starts. Pages that wait for a key see it come.
func (b *Browser) Plug(key int) error { return b.bus.Plug(key) }

// Unplug takes a key out. What a page has under way with it fails.
func (b *Browser) Unplug(key int) error { return b.bus.Unplug(key) }
