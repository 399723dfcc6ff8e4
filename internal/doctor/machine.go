package doctor

import (
	"context"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// Machine is what the doctor may look at. Every field is needed.
type Machine struct {
	OS   string // as runtime.GOOS
	Root bool   // the program runs as the superuser
	// Files is the file system from its root.
	Files fs.FS
	// Display is the X display ($DISPLAY), "" for none.
	Display string
	// TempDir is the folder for temporary files.
	TempDir string
	// Open opens a file for reading and writing, and closes it.
	Open func(name string) error
	// LookPath finds a program.
	LookPath func(name string) (path string, err error)
	// Output runs a program and returns what it printed.
	Output func(ctx context.Context, path string, args ...string) (string, error)
	// Listen opens and closes a listener on the address.
	Listen func(ctx context.Context, address string) error
	// WriteTemp writes and removes a file in the folder.
	WriteTemp func(dir string) error
}

// probeTimeout ends a program that does not answer when asked for its version.
const probeTimeout = 10 * time.Second

// maxOutput bounds what is read of a program's answer.
const maxOutput = 4 << 10

// ThisMachine is the machine this program runs on.
func ThisMachine() Machine {
	return Machine{
		OS:        runtime.GOOS,
		Root:      os.Geteuid() == 0,
		Files:     os.DirFS("/"),
		Display:   os.Getenv("DISPLAY"),
		TempDir:   os.TempDir(),
		Open:      openFile,
		LookPath:  exec.LookPath,
		Output:    output,
		Listen:    listen,
		WriteTemp: writeTemp,
	}
}

func output(ctx context.Context, path string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.WaitDelay = time.Second // a wrapper may leave a child that holds the pipe
	out, err := cmd.Output()
	return string(out[:min(len(out), maxOutput)]), err
}

func listen(ctx context.Context, address string) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return l.Close()
}

func openFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

func writeTemp(dir string) error {
	f, err := os.CreateTemp(dir, "passkeylab-doctor-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString("passkeylab")
	if closed := f.Close(); err == nil {
		err = closed
	}
	if removed := os.Remove(f.Name()); err == nil {
		err = removed
	}
	return err
}
