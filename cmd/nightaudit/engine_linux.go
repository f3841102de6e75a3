package main

import (
	"os/exec"
	"syscall"
)

// endWith has the process end when this one does, however that ends.
func endWith(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
