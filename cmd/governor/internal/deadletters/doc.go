// Package deadletters looks after what could not be read: it lists the records on
// contact.deadletter, shows one, says whether it would be read now, and sends it back to
// the topic that it came from, mended if need be.
//
// Nothing is sent twice unless somebody says so. Each record that is sent back says in a
// header which letter it is (HeaderReplayed), and before anything is sent the log is read
// for that header. So the mark and what it marks are one record: there is no moment in
// which one of them is there without the other, whoever dies, and no second place that
// could be lost, or kept for a shorter time. Two who send the same letter at the same
// moment can still both do it; then it is one id that comes twice, which counts once.
//
// A letter is only sent where the governor would read it now.
package deadletters
