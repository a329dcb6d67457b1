// Package stdio is about descriptors 0, 1 and 2 of the container's program:
// left as they are, or a pseudoterminal made for it.
//
// A terminal is made by calls inside the container (package calls), from the
// container's own devpts, so that its name there is true and no terminal of the
// host is to be seen; the other end, the master, is given to the parent as a
// descriptor. The parent either relays between it and the terminal mini was called
// from, or hands it to somebody else's socket.
//
// It does not know how the master crosses if mini itself is inside (the composer
// sends it with its next message), what is mounted on /dev/pts (it only insists that
// it is a devpts), whose the terminal is to be (package process gives it to the
// user), nor when the program has ended.
package stdio
