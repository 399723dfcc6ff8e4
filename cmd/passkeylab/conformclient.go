package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	chromium "github.com/passkeylab/passkeylab/browser/subject"
	"github.com/passkeylab/passkeylab/client/driver"
	clientfault "github.com/passkeylab/passkeylab/client/fault"
	"github.com/passkeylab/passkeylab/client/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/interop/libfido2"
	"github.com/passkeylab/passkeylab/interop/python"
)

type conformClientVerb struct {
	Target string   `help:"The client: self, ours in this process, libfido2, python-fido2, chromium-usb or chromium-hybrid, or exec:PROGRAM, a program that drives yours (docs/aiming-at-your-client.md)." default:"self"`
	Fault  []string `help:"With self: a fault that the client has; passkeylab faults --of client lists them. Repeatable." placeholder:"ID" sep:"none"`
	Python string   `help:"With python-fido2: the interpreter that has it." default:"python3" placeholder:"PROGRAM"`
	choiceFlags
	judgeFlags
}

func (v *conformClientVerb) Run(c *console) error {
	folder, err := os.MkdirTemp("", "passkeylab-conform-") // for programs that drive clients
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	return c.judge(v.choiceFlags, v.judgeFlags, judgement{
		suite: clients.Cases(), name: v.Target, target: func() (conformance.Target, error) { return v.target(c, folder) }, repeat: v.repeat,
	})
}

// target is the client that the flags name.
func (v *conformClientVerb) target(c *console, folder string) (conformance.Target, error) {
	if v.Target != selfName && len(v.Fault) > 0 {
		return nil, errors.New("--fault goes with --target self: only our own client has faults on demand")
	}
	switch scheme, program, _ := strings.Cut(v.Target, ":"); {
	case v.Target == selfName:
		for _, id := range v.Fault {
			if _, err := clientfault.Lookup(id); err != nil {
				return nil, fmt.Errorf("--fault: %w", err)
			}
		}
		return subject.Target{Faults: v.Fault}, nil
	case v.Target == "libfido2":
		program, err := libfido2.Build(folder)
		if err != nil {
			return nil, fmt.Errorf("--target libfido2: %w", err)
		}
		return driverTarget(c, program)
	case v.Target == "python-fido2":
		program, err := python.Driver(folder)
		if err != nil {
			return nil, err
		}
		return driverTarget(c, v.Python, "-B", program)
	case v.Target == "chromium-usb", v.Target == "chromium-hybrid":
		return chromiumTarget(c, strings.TrimPrefix(v.Target, "chromium-"))
	case scheme == "exec" && program != "":
		return driverTarget(c, program)
	}
	return nil, fmt.Errorf("--target %q: give self, libfido2, python-fido2, chromium-usb, chromium-hybrid or exec:PROGRAM", v.Target)
}

// repeat is the command line that runs one case again.
func (v *conformClientVerb) repeat(seed uint64) func(string) string {
	args := []string{"passkeylab conform client"}
	if v.Target != selfName {
		args = append(args, "--target", quoted(v.Target))
	}
	if v.Target == "python-fido2" && v.Python != "python3" {
		args = append(args, "--python", quoted(v.Python))
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

// driverTarget is a client that a program drives.
func driverTarget(c *console, command ...string) (conformance.Target, error) {
	target, err := driver.New(c, command...)
	if err != nil {
		return nil, fmt.Errorf("--target: %w", err)
	}
	fmt.Fprintf(c.err, "judging %s\n", target.Name())
	return target, nil
}

// chromiumTarget is the Chromium of this machine, which is started for it.
func chromiumTarget(c *console, link string) (conformance.Target, error) {
	target, err := chromium.Open(c, chromium.Link(link))
	if err != nil {
		return nil, fmt.Errorf("--target chromium-%s: %w", link, err)
	}
	fmt.Fprintf(c.err, "judging %s\n", target.Name())
	return target, nil
}
