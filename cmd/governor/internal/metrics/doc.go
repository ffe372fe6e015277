// Package metrics counts what the governor does, for Prometheus. README.md lists
// every metric; a test compares it with what there is.
//
// Labels have values of closed lists: partitions, topics, classes, verdicts, and the
// one policy in force. None is a person, an id, or the words of an error.
package metrics
