package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	remote "github.com/passkeylab/passkeylab/transport/subject"
	"github.com/passkeylab/passkeylab/transport/target"
)

// targetFlags say more of the device that is judged.
type targetFlags struct {
	Profile    string   `help:"With self: what the device is, as passkeylab device has it." default:"security-key" placeholder:"NAME"`
	Fault      []string `help:"With self: a fault that the device has. Repeatable." placeholder:"ID" sep:"none"`
	Control    string   `help:"The control channel of the device, which presses its button and cuts its power." placeholder:"HOST:PORT"`
	AllowReset bool     `help:"A key that is plugged in may be erased, again and again. You are asked once more."`
}

const selfName = "self"

// target is the device that the flags name, and may be judged.
func (v *conformAuthenticatorVerb) target(c *console) (conformance.Target, error) {
	if v.Target == selfName {
		return v.selfTarget()
	}
	if len(v.Fault) > 0 {
		return nil, errors.New("--fault goes with --target self: only our own devices have faults on demand")
	}
	scheme, at, _ := strings.Cut(v.Target, ":")
	if at == "" {
		return nil, fmt.Errorf("--target %q: give self, or one of %s", v.Target, strings.Join(target.Forms(), ", "))
	}
	t := &remote.Target{Name: v.Target}
	if v.Control != "" {
		control, err := remote.NewControl(v.Control)
		if err != nil {
			return nil, fmt.Errorf("--control: %w", err)
		}
		t.Control = control
	}
	if scheme == "hidraw" || scheme == "pcsc" {
		if err := v.permitReset(c); err != nil {
			return nil, err
		}
	}
	if c.columns(c.err) > 0 {
		t.Replug = func(ctx context.Context) error { return c.askToReplug(ctx) }
	}
	return t, v.reach(c)
}

// reach finds out before the first case whether the device is there at all.
func (v *conformAuthenticatorVerb) reach(c *console) error {
	d, err := target.Open(c, v.Target)
	if err != nil {
		return fmt.Errorf("--target: %w: is it running?", err)
	}
	return d.Close()
}

// permitReset keeps a person's own key from being erased by mistake: what is behind
// hidraw and pcsc may be one, so erasing takes a flag and a sentence typed.
func (v *conformAuthenticatorVerb) permitReset(c *console) error {
	if !v.AllowReset {
		return fmt.Errorf("%s may be somebody's key, and judging erases it: all its passkeys and its PIN are lost. Say --allow-reset if they may be", v.Target)
	}
	want := "erase " + v.Target
	fmt.Fprintf(c.err, "All that is on %s will be lost. Type %q to go on: ", v.Target, want)
	line, err := c.typed.line(c, c.in)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != want {
		return errors.New("nothing was erased")
	}
	return nil
}

// askToReplug has a person power-cycle the key by hand.
func (c *console) askToReplug(ctx context.Context) error {
	fmt.Fprint(c.err, "Take the key out, put it back in, touch it when it blinks, and press Enter: ")
	_, err := c.typed.line(ctx, c.in)
	return err
}

// repeat is the command line that runs one case again.
func (v *conformAuthenticatorVerb) repeat(seed uint64) func(string) string {
	args := []string{"passkeylab conform authenticator"}
	if v.Target != selfName {
		args = append(args, "--target", quoted(v.Target))
		if v.Control != "" {
			args = append(args, "--control", quoted(v.Control))
		}
		if v.AllowReset {
			args = append(args, "--allow-reset")
		}
	} else if v.Profile != "security-key" {
		args = append(args, "--profile", v.Profile)
	}
	for _, id := range v.Fault {
		args = append(args, "--fault", id)
	}
	if v.Level != "must" {
		args = append(args, "--level", v.Level)
	}
	return func(id string) string {
		return fmt.Sprintf("%s --match %s --seed %d", strings.Join(args, " "), id, seed)
	}
}

// quoted is a word as a shell reads it.
func quoted(word string) string {
	if strings.ContainsAny(word, " '\"$\\`*?;&|<>()") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
