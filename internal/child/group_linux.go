package child

import (
	"os"
	"os/exec"
	"syscall"
)

// OwnGroup makes the program the leader of a process group and ties its life
// to ours, even when we are killed and cannot tidy up. What else cmd says about the
// process, such as its user, stays.
func OwnGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Setpgid, cmd.SysProcAttr.Pdeathsig = true, syscall.SIGKILL
}

// KillGroup kills every process of the group. An error means that it has gone.
func KillGroup(leader *os.Process) {
	_ = syscall.Kill(-leader.Pid, syscall.SIGKILL)
}
