// Command passkeylab rehearses what people do with passkeys. Each verb is a
// file; what a verb does lives in the rooms above.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit statuses that scripts rely on.
const (
	exitOK     = 0
	exitFailed = 1 // something judged failed
	exitBroken = 2 // wrong use, or an environment in which nothing could be judged
)

// verbs is the command line.
type verbs struct {
	Run       runVerb       `cmd:"" help:"Run journeys."`
	Conform   conformVerb   `cmd:"" help:"Judge a device by the specifications."`
	Device    deviceVerb    `cmd:"" help:"Run one virtual authenticator for other programs."`
	Exec      execVerb      `cmd:"" help:"Run a command with virtual USB security keys plugged in."`
	Serve     serveVerb     `cmd:"" help:"Serve the embedded relying party."`
	Phone     phoneVerb     `cmd:"" help:"Play a phone that scans the QR code of a browser."`
	Tunnel    tunnelVerb    `cmd:"" help:"Run the tunnel service of the hybrid transport alone."`
	Cases     casesVerb     `cmd:"" help:"List the cases by which devices are judged."`
	MDS       mdsVerb       `cmd:"" name:"mds" help:"Run a metadata service that says which authenticator models can be trusted."`
	Scenarios scenariosVerb `cmd:"" help:"List the journeys."`
	Faults    faultsVerb    `cmd:"" help:"List the faults that a device can have, or describe some."`
	Profiles  profilesVerb  `cmd:"" help:"List the products that a device can be, or describe one."`
	Doctor    doctorVerb    `cmd:"" help:"Say what this machine can and cannot do, and the mend for each."`
	Version   versionVerb   `cmd:"" help:"Print version, commit and the levels of the specifications."`
}

// console is where a verb reads and writes, and what it may use there. Results go to
// out, progress and logs to err.
type console struct {
	context.Context
	in       io.Reader
	out, err io.Writer
	env      func(string) string
	// columns of the terminal behind a writer, 0 when it is none.
	columns func(io.Writer) int
	typed   typedLines // of in
}

// verdictError ends the program with status 1: what was judged failed, and has
// been told.
type verdictError struct{ status int }

func (e *verdictError) Error() string { return fmt.Sprintf("status %d", e.status) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &console{Context: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, columns: terminalColumns}
	status := c.main(os.Args[1:])
	stop()
	os.Exit(status)
}

// main runs one command line and returns the exit status.
func (c *console) main(args []string) int {
	var v verbs
	ended, status := false, exitOK
	parser, err := kong.New(&v,
		kong.Name("passkeylab"),
		kong.Description("Passkeys rehearsed: virtual authenticators, an embedded relying party, real browsers."),
		kong.Writers(c.out, c.err),
		kong.Exit(func(code int) { ended, status = true, code }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return c.complain(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if ended {
		return status
	}
	if err != nil {
		return c.complain(fmt.Errorf("%w (passkeylab --help tells the way)", err))
	}
	if err := command.Run(c); err != nil {
		return c.complain(err)
	}
	return exitOK
}

// complain says in one line what was wrong and returns the status to end with.
func (c *console) complain(err error) int {
	var verdict *verdictError
	if errors.As(err, &verdict) {
		return verdict.status
	}
	fmt.Fprintln(c.err, "passkeylab:", err)
	return exitBroken
}

// color reports whether what goes to w may be coloured.
func (c *console) color(w io.Writer) bool { return c.env("NO_COLOR") == "" && c.columns(w) > 0 }
