package main

import (
	"os"
	"syscall"
)

// peakMemory is the most memory, in bytes, that one of the processes held.
func peakMemory(s *os.ProcessState) int64 {
	return s.SysUsage().(*syscall.Rusage).Maxrss << 10 // Linux counts in KiB
}
