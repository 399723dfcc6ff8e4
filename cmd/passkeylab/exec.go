package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"

	"github.com/passkeylab/passkeylab/transport/usbkey"
	"github.com/passkeylab/passkeylab/webauthn"
)

type execVerb struct {
	Profile []string `help:"What the key is: security-key, fingerprint-key, pin-key, a product of passkeylab profiles, or a FILE.json that describes one. Repeat it to plug several in." default:"security-key" sep:"none" placeholder:"NAME"`
	deviceFlags
	Command []string `arg:"" help:"The command, after --, and its arguments. passkeylab ends with its status, 128 and the number for a death by signal." placeholder:"CMD" passthrough:""`
}

// otherDoors are for machines that do not allow exec.
const otherDoors = "other ways: passkeylab device --listen unix:PATH, tcp:HOST:PORT or udp:HOST:PORT for programs that speak to sockets; a host with /dev/uhid; Debian's umockdev"

// bySignal is added to the number of a signal that the command died of, as shells
// do it.
const bySignal = 128

func (v *execVerb) Run(c *console) (err error) {
	devices, closeDevices, err := v.powerUpAll(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDevices()) }()
	cmd, err := v.command(c)
	if err != nil {
		return err
	}
	power, panel, err := v.handPanel(c, cmd, devices)
	if err != nil {
		return err
	}
	signals := forTheCommand()
	defer signal.Stop(signals)
	bus, err := usbkey.Start(cmd, keysOf(devices)...)
	if errors.Is(err, usbkey.ErrUnavailable) {
		return fmt.Errorf("%w; %s", err, otherDoors)
	}
	if err != nil {
		return err
	}
	defer bus.Close()
	leave, err := operate(c, bus, power, panel)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(leave(), err) }()
	return v.await(cmd, signals)
}

// powerUpAll powers up a key of each profile.
func (v *execVerb) powerUpAll(c *console) (devices []*virtual, closeAll func() error, err error) {
	closeAll = func() (err error) {
		for _, d := range devices {
			err = errors.Join(err, d.close())
		}
		return err
	}
	for i, profile := range v.Profile {
		d, err := v.key(c, i, profile)
		if err != nil {
			return nil, nil, errors.Join(err, closeAll())
		}
		devices = append(devices, d)
	}
	return devices, closeAll, nil
}

func keysOf(devices []*virtual) (keys []usbkey.Key) {
	for _, d := range devices {
		keys = append(keys, usbkey.Key{Server: d.server, Name: d.name})
	}
	return keys
}

// key powers up the nth key. The first keeps what it remembers in the file of
// --store, others beside it: FILE.2, FILE.3.
func (v *execVerb) key(c *console, n int, profile string) (*virtual, error) {
	what, err := choose(profile)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(what.model.Transports, webauthn.TransportUSB) {
		return nil, fmt.Errorf("--profile %s: that has no USB plug; take security-key, fingerprint-key or pin-key", profile)
	}
	flags := v.deviceFlags
	if n > 0 && flags.Store != "" {
		flags.Store = fmt.Sprintf("%s.%d", flags.Store, n+1)
	}
	return flags.powerUp(c, what)
}

// command is what is to be run, at the terminal that we are at.
func (v *execVerb) command(c *console) (*exec.Cmd, error) {
	words := v.Command
	if words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		return nil, errors.New("no command: passkeylab exec -- CMD ARG…")
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, c.out, c.err
	return cmd, nil
}

// forTheCommand catches signals, from here on, that are for the command to take.
// Those that are ignored stay so, as nohup wants it.
func forTheCommand() chan os.Signal {
	signals := make(chan os.Signal, 16)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	return signals
}

// await passes signals on until the command ends, and ends as it did.
func (v *execVerb) await(cmd *exec.Cmd, signals <-chan os.Signal) error {
	ctx, ended := context.WithCancel(context.Background())
	defer ended()
	go func() {
		for {
			select {
			case s := <-signals:
				_ = cmd.Process.Signal(s) // it may have ended
			case <-ctx.Done():
				return
			}
		}
	}()
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if s := exit.Sys().(syscall.WaitStatus); s.Signaled() {
		return &verdictError{bySignal + int(s.Signal())}
	}
	return &verdictError{exit.ExitCode()}
}
