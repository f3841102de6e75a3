//go:build linux || darwin

package disk

import "golang.org/x/sys/unix"

// nonBlocking has a file opened at once, whatever stands there by then.
const nonBlocking = unix.O_NONBLOCK
