//go:build linux || darwin

package disk

import "golang.org/x/sys/unix"

const (
	// nonBlocking has a file opened at once, whatever stands there by then.
	nonBlocking = unix.O_NONBLOCK
	// noFollow refuses a link.
	noFollow = unix.O_NOFOLLOW
)
