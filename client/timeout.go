package client

import "time"

// Timeouts is the range that the timeout of a request is corrected to, and
// what applies without one.
type Timeouts struct{ Min, Max, Default time.Duration }

// SpecTimeouts is the recommendation of WebAuthn L3 §15.1.
func SpecTimeouts() Timeouts {
	return Timeouts{Min: 5 * time.Minute, Max: 10 * time.Minute, Default: 5 * time.Minute}
}

// ChromiumTimeouts is what Chromium applies.
func ChromiumTimeouts() Timeouts {
	return Timeouts{Min: 3 * time.Minute, Max: 20 * time.Hour, Default: 20 * time.Hour}
}

// lifetime corrects the timeout that a page asked for, in milliseconds; 0
// counts as absent.
func (t Timeouts) lifetime(asked uint32) time.Duration {
	if asked == 0 {
		return t.Default
	}
	return min(max(time.Duration(asked)*time.Millisecond, t.Min), t.Max)
}
