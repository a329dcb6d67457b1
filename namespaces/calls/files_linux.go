package calls

import (
	"fmt"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Descriptors come to a hand by SCM_RIGHTS (unix(7)) on the socket that its images
// come on: a list asks for them by [List.Receive], and while it is being done
// [Hand.SendFiles] sends them. Each message is one byte with its descriptors. The
// kernel drops those of a byte that read(2) takes, so a hand reads an image to its
// last byte and not beyond.

// maxFiles is how many descriptors go with one byte; the kernel takes 253
// (SCM_MAX_FD).
const maxFiles = 200

// SendFiles sends files to a hand that does a list, or will, which receives as
// many: between [List.Begin] and [List.Flush]. They stay open here.
func (h Hand) SendFiles(files []*os.File) error {
	for chunk := range slices.Chunk(files, maxFiles) {
		fds := make([]int, len(chunk))
		for i, f := range chunk {
			fds[i] = int(f.Fd())
		}
		if err := h.sendRights(unix.UnixRights(fds...)); err != nil {
			return err
		}
	}
	return nil
}

func (h Hand) sendRights(rights []byte) error {
	for {
		err := unix.Sendmsg(int(h.Socket.Fd()), []byte{0}, rights, nil, unix.MSG_NOSIGNAL)
		switch err {
		case nil:
			return nil
		case unix.EINTR:
			continue
		case unix.EPIPE, unix.ECONNRESET:
			return ErrGone
		}
		return fmt.Errorf("sendmsg: %w", err)
	}
}

// Receive takes n descriptors, close-on-exec, that [Hand.SendFiles] sends. Fewer
// are EPROTO, and EMFILE if they are more than the process may have open.
func (l *List) Receive(n int) []Ref { return l.receive(N(l.doer.socket()), n) }

// receive takes them from any socket.
func (l *List) receive(socket Arg, n int) []Ref {
	var refs []Ref
	for n > 0 {
		k := min(n, maxFiles)
		refs = append(refs, l.receiveSome(socket, k)...)
		n -= k
	}
	return refs
}

// receiveSome takes one message with n descriptors.
func (l *List) receiveSome(socket Arg, n int) []Ref {
	control := l.Space(unix.CmsgSpace(4 * n))
	message := l.message(control)
	l.Call("recvmsg", unix.SYS_RECVMSG, socket, message.Arg(), N(unix.MSG_CMSG_CLOEXEC))
	flags := message.At(int(unsafe.Offsetof(unix.Msghdr{}.Flags)))
	l.Check("recvmsg", flags, unix.MSG_CTRUNC, 0, unix.EMFILE)
	l.Check("recvmsg", control.Arg(), ^uint64(0), uint64(unix.CmsgLen(4*n)), unix.EPROTO)
	refs := make([]Ref, n)
	for i := range refs {
		refs[i] = l.Load(control.At(unix.CmsgLen(4 * i)))
	}
	return refs
}

// message is a struct msghdr (recvmsg(2)) for one byte and control.
func (l *List) message(control Memory) Memory {
	part := l.Words(l.Space(1).Arg(), N(1)) // struct iovec
	return l.Words(Arg{}, Arg{}, part.Arg(), N(1), control.Arg(), N(control.len), Arg{})
}
