package usbkey

import "github.com/passkeylab/passkeylab/ctap/hid"

const (
	reportSize = hid.DefaultReport
	// writtenSize is what a program writes: the number of the report, which is 0
	// as there is only one, and the report.
	writtenSize = 1 + reportSize
)

// cutter finds reports in what comes of a terminal, which keeps no bounds. Writes
// are whole there unless very many wait.
type cutter struct{ rest []byte }

// cut hands on the reports that are complete with these bytes. As hidraw would, it
// leaves out those with a number that there is not.
func (c *cutter) cut(bytes []byte, report func([]byte)) {
	c.rest = append(c.rest, bytes...)
	whole := c.rest
	for ; len(whole) >= writtenSize; whole = whole[writtenSize:] {
		if whole[0] == 0 {
			report(whole[1:writtenSize])
		}
	}
	c.rest = append(c.rest[:0], whole...)
}

// pending reports whether there is the beginning of a report.
func (c *cutter) pending() bool { return len(c.rest) > 0 }

// forget gives up the beginning of a report: what was written was none.
func (c *cutter) forget() { c.rest = c.rest[:0] }
