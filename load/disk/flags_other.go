//go:build !linux && !darwin

package disk

const nonBlocking, noFollow = 0, 0
