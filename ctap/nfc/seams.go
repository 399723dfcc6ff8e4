package nfc

// Seams are the only places where a fault can act on how a [Card] speaks, and where
// an observer can look on. A nil seam changes nothing. Several Seams act in the
// order they were given.
type Seams struct {
	// Heard sees a command of the reader before the card does.
	Heard func(command []byte) []byte
	// Said sees each response before it is sent, status word included.
	Said func(response []byte) []byte
}

func (c *Card) heard(command []byte) []byte {
	for i := range c.config.Seams {
		if heard := c.config.Seams[i].Heard; heard != nil {
			command = heard(command)
		}
	}
	return command
}

// said is the end of every event.
func (c *Card) said(out Outcome) Outcome {
	for i := range c.config.Seams {
		if said := c.config.Seams[i].Said; said != nil && out.Response != nil {
			out.Response = said(out.Response)
		}
	}
	return out
}
