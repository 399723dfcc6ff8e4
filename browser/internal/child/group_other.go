//go:build !linux

package child

import (
	"os"
	"os/exec"
)

// ownGroup does nothing: portable Go knows no process groups.
func ownGroup(*exec.Cmd) {}

// killGroup kills the program; its children notice that their pipe has closed.
// An error means that it has gone.
func killGroup(leader *os.Process) { _ = leader.Kill() }
