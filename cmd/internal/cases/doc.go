// Package cases makes cases: what others need to see the same again, without personal
// data and secrets. A case is a folder, or that folder as a zip: a landing of the answers
// that matter, a configuration by which they are read, and what came of them. It is
// replayed like any other landing.
//
// What a case holds of an answer is a list of what is allowed. A member of an answer
// stays as it is only if it is not personal and the source's decoder reads it, which is
// tried out: with another value in its place the rows would be others. All else becomes
// made-up values of the same shape, and so does every personal value wherever it stands.
package cases
