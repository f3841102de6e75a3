//go:build !linux && !darwin

package disk

const nonBlocking = 0
