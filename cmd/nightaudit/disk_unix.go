//go:build linux || darwin

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// freeSpace is the number of bytes that a user may still write to dir's disk.
func freeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
