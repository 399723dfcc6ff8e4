//go:build !linux

package child

import (
	"os"
	"os/exec"
)

// OwnGroup does nothing: portable Go knows no process groups.
func OwnGroup(*exec.Cmd) {}

// KillGroup kills the program; its children notice that their pipe has closed.
// An error means that it has gone.
func KillGroup(leader *os.Process) { _ = leader.Kill() }
