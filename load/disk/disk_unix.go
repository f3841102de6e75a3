//go:build linux || darwin

package disk

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// fullErrors are how the system says that a disk or a quota is full.
var fullErrors = []error{unix.ENOSPC, unix.EDQUOT}

// Free is the number of bytes that this user may still write to dir's disk.
func Free(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return int64(uint64(s.Bavail) * uint64(s.Bsize)), nil
}
