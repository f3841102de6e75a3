// Package probe asks a vendor what its document leaves open: a few careful reads
// for each question, and the answer with what was asked and what came. It loads
// nothing. A source says which questions there are (questions.yaml beside its
// code) and how they are asked (Prober); the words of the answers, what they mean
// and which keys of the configuration follow from them are data.
//
// An answer is right or it is none: where what came allows of two readings, the
// outcome is one that is sure of nothing, and says how to find out.
package probe
