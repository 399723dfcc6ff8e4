package usbkey

import "github.com/passkeylab/passkeylab/ctap/hid"

const (
	reportSize = hid.DefaultReport
	// writtenSize is what a program writes: the number of the report, which is 0
	// as there is only one, and the report.
	writtenSize = 1 + reportSize
	// terminalSize is how much a terminal keeps ready to be read.
	terminalSize = 4096
)

// cutter finds reports in what comes of a terminal, which keeps no bounds. It
// keeps writes whole, though, as long as there is room; so what is left over when
// all was read is no report, unless so much was there that the terminal had been
// full.
type cutter struct {
	rest []byte
	read int // bytes since all was read
}

// cut hands on the reports that are complete with these bytes. As hidraw would, it
// leaves out those with a number that there is not.
func (c *cutter) cut(bytes []byte, report func([]byte)) {
	c.read += len(bytes)
	c.rest = append(c.rest, bytes...)
	whole := c.rest
	for ; len(whole) >= writtenSize; whole = whole[writtenSize:] {
		if whole[0] == 0 {
			report(whole[1:writtenSize])
		}
	}
	c.rest = append(c.rest[:0], whole...)
}

// drained notes that all was read that there is.
func (c *cutter) drained() {
	if wasFull := c.read > terminalSize-2*writtenSize; !wasFull {
		c.rest = c.rest[:0]
	}
	c.read = 0
}
