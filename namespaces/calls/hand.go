package calls

import "bytes"

// The program of a hand, in hand_*.s:
//
//	for {
//		read a head from the socket, exit if there is none, and its parts
//		do the calls, until one fails that may not
//		write what the head says is the answer; exit if one has failed and the head says so
//	}

func hand() // never called: copied

func handText() uintptr // where it is

// Args are the words that a hand is to be called by: their number is the descriptor
// of its socket, which is above 2. It has no other use for them.
func Args(socket int) []string {
	args := make([]string, socket)
	args[0] = "mini"
	args[1] = "init"
	return args
}

// StatusLost is the exit status of a hand that nobody sends anything any more, and of one
// that could not come to where it is to be (List.Final).
const StatusLost = 125

// handBase is the address of the program.
const handBase = 0x10000

// What is no system call, by numbers that no system call has.
const (
	trapCheck  = ^uint64(0) // fail with errno args[3] unless (word at args[0]) & args[1] == args[2]
	trapStore  = ^uint64(1) // put args[1] into the four bytes at args[0]
	trapLoad   = ^uint64(2) // return the four bytes at args[0]
	trapAnswer = ^uint64(3) // write the answer to descriptor args[0]
)

var handMark = []byte("mini end")

// handCode is the machine code of a hand.
func handCode(text []byte) []byte {
	return text[:bytes.Index(text, handMark)]
}
