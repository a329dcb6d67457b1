// Package logs keeps what a detached container writes: a bounded number of
// files of bounded size, and the way to read and follow them while they are
// written and rotated by another process.
//
// A file has one record a line, in the format that Kubernetes has for
// containers' logs: time, stream, F for a full line or P for a part of one, and
// the text:
//
//	2026-11-22T00:14:16.123456789Z stdout F hello
//
// The newest records are in the file "log", older ones in "log.1", "log.2" …;
// a rotation renames all and starts a new file.
//
// Writing never fails and never waits for space: what finds none is dropped,
// and counted in the log as soon as there is some again. The package does not
// know containers, who writes, nor for how long the files are kept.
package logs
