//go:build !unix

package bench

import "syscall"

// apart puts a process into a group of its own, where there are such groups.
func apart() *syscall.SysProcAttr { return nil }
