package notify

import "golang.org/x/sys/unix"

// extraSize has room for the sender (struct ucred) and for as many descriptors
// as one message can carry (SCM_MAX_FD, unix(7)). With less room the kernel would
// close the others itself, before recvmsg returns: see discard.
const extraSize = 32 + 16 + 253*4 + 4

// maxClosing is how many messages may have descriptors that do not close yet.
const maxClosing = 4

// unpack takes apart what came with a message.
func unpack(extra []byte) (sender *unix.Ucred, files []int) {
	list, err := unix.ParseSocketControlMessage(extra)
	if err != nil {
		return nil, nil
	}
	for i := range list {
		if cred, err := unix.ParseUnixCredentials(&list[i]); err == nil {
			sender = cred
		}
		if fds, err := unix.ParseUnixRights(&list[i]); err == nil {
			files = append(files, fds...)
		}
	}
	return sender, files
}

// discard closes descriptors, beside the caller: the last close of a connection
// with SO_LINGER (socket(7)), or of a file of FUSE, takes as long as the sender
// likes. The slot that the message holds is free once they are closed, so that a
// sender of such things only blocks itself.
func (l *Listener) discard(files []int) {
	if len(files) == 0 {
		<-l.slots
		return
	}
	go func() {
		for _, fd := range files {
			unix.Close(fd)
		}
		<-l.slots
	}()
}
