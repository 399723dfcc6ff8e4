//go:build amd64 || arm64

package warden

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// endChildren kills children until there are none: those of a child that ends
// become ours.
func endChildren() {
	var status syscall.WaitStatus
	for {
		pid, err := wait(&status, syscall.WNOHANG)
		if err != nil { // there are none
			return
		}
		if pid > 0 {
			continue
		}
		for _, child := range children() {
			_ = syscall.Kill(child, syscall.SIGKILL)
		}
		if _, err := wait(&status, 0); err != nil {
			return
		}
	}
}

// children looks for our children among all processes.
func children() []int {
	var found []int
	names, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	self := []byte(strconv.Itoa(os.Getpid()))
	for _, name := range names {
		pid, err := strconv.Atoi(name.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + name.Name() + "/stat")
		if err == nil && bytes.Equal(parent(stat), self) {
			found = append(found, pid)
		}
	}
	return found
}

// parent is the fourth field of a process's stat. The second, its name in
// parentheses, may contain anything.
func parent(stat []byte) []byte {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return nil
	}
	return fields[1]
}
