package main

import (
	"fmt"

	"github.com/passkeylab/passkeylab/internal/report"
)

// reportWidth is how wide a summary is where nobody's terminal shows it.
const reportWidth = 100

// publish writes a report to a folder, where one is wanted, and tells its summary.
func (c *console) publish(r *report.Report, folder string) error {
	r.Version, r.Commit, r.Machine = version, commit(), machine(c)
	if folder != "" {
		if err := report.WriteDir(folder, r); err != nil {
			return err
		}
	}
	width := c.columns(c.out)
	if width == 0 {
		width = reportWidth
	}
	if err := report.Summary(c.out, r, width, c.color(c.out)); err != nil {
		return err
	}
	if folder != "" {
		fmt.Fprintf(c.err, "report: %s/index.html\n", folder)
	}
	return nil
}
