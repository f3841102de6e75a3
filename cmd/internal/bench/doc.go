// Command bench measures nightaudit and what people would use in its place as
// whole processes, over simulated vendors that run in a process of their own,
// and writes BENCHMARKS.md. `make bench` runs it.
//
// This process only starts others and stays small on purpose: on Linux the peak
// memory that is told of a process is never less than that of the one which
// started it.
package main
