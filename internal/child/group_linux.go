package child

import (
	"os"
	"os/exec"
	"syscall"
)

// OwnGroup makes the program the leader of a process group and ties its life
// to ours, even when we are killed and cannot tidy up.
func OwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// KillGroup kills every process of the group. An error means that it has gone.
func KillGroup(leader *os.Process) {
	_ = syscall.Kill(-leader.Pid, syscall.SIGKILL)
}
