// Package pipeline is a night: it asks the sources, lands and transforms
// their answers, loads them, runs the checks, publishes and reports. It is
// the only place that knows all stages.
package pipeline
