package nfc

import "time"

// presenceLimit is how long coming into the field counts as a gesture (CTAP 2.3
// §5, evidence of user interaction).
const presenceLimit = 120 * time.Second

// Presence is the user presence that a card gets by being held to a reader. It is
// for cards without a button of their own, and can be used once.
type Presence struct{ until time.Time }

// Begin is called when the field comes.
func (p *Presence) Begin(now time.Time) { p.until = now.Add(presenceLimit) }

// Take uses the presence up. It tells whether there was any.
func (p *Presence) Take(now time.Time) bool {
	there := now.Before(p.until)
	p.until = time.Time{}
	return there
}
