// Package shell is the sh of the example containers: enough of POSIX to look
// around in and to write small scripts for. Lexer and parser (lex.go, parse.go)
// are pure; run.go and the files after it talk to the kernel.
//
// A Go program cannot fork, so a subshell is a new process: `sh -c TEXT`, where
// TEXT is the piece of the script in question and the variables come along as
// NAME=VALUE arguments before the -c. That is what ps shows, and $( ), ( ), `|`
// and `&` all do it in the same way.
//
// It does not know: functions, here-documents, aliases, job control, backquotes.
// It knows nothing of containers either.
package shell
