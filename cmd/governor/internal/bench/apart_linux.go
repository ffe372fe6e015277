package bench

import "syscall"

// apart puts a process into a group of its own, and ends it with its parent, however that
// ends: nobody would look after it any more.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
