// Package bench measures a governor on somebody's own Kafka and Redis: the whole path,
// with nothing switched off. What is measured is a child process of the same binary, as
// `governor run` starts it, so that its processor time and memory are its own and a kill is
// a kill.
//
// It makes topics, a consumer group and keys of its own, under a name that nobody else
// has, and takes them away at the end, also where it is interrupted. It touches nothing else.
//
// What every decision should have been is known beforehand, from package peerwork, and
// held against what came. Times are those at which the broker appended the decisions.
package bench
