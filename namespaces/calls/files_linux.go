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
// [Hand.SendFiles] sends them; [List.Lend] is both. Each message is one byte with its
// descriptors. The kernel drops those of a byte that read(2) takes, so a hand reads
// an image to its last byte and not beyond. The other way ([List.Give]) each comes
// alone, before the image.

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

// Lend copies the descriptors of files to the process that does the list, where the
// copies are close-on-exec, and to be closed by the list.
// They must stay open here until the list has begun ([List.Begin], [List.Flush]), and
// nothing may skip what is added.
func (l *List) Lend(files ...*os.File) []Arg { return l.doer.lend(l, files) }

// lend has the files go with the list. If it may stop before the call that takes
// them they go at once, with a list of their own: what a hand reads next must be an
// image.
func (h Hand) lend(l *List, files []*os.File) []Arg {
	if l.err != nil {
		return make([]Arg, len(files))
	}
	if l.Straight() != nil {
		k := l.Beside()
		args := h.lend(k, files)
		if err := k.Flush(); err != nil {
			l.Fail(err)
		}
		return args
	}
	l.lent = append(l.lent, files...)
	var args []Arg
	for _, r := range l.Receive(len(files)) {
		args = append(args, r.Arg())
	}
	return args
}

// sendLent sends what was lent, after the image that asks for it.
func (l *List) sendLent() error {
	h, is := l.doer.(Hand)
	if !is || len(l.lent) == 0 {
		return nil
	}
	files := l.lent
	l.lent = nil
	return h.SendFiles(files)
}

// gift is a call that gives a descriptor to this process, which is its result then.
type gift struct {
	call Ref
	take func(fd int)
}

// Give gives a copy of a descriptor, close-on-exec, to this process: take gets it
// when that is done. The call must not be skipped, and not be in a list that is
// left with a hand.
func (l *List) Give(fd Arg, take func(fd int)) Ref {
	r := l.doer.give(l, fd)
	l.gives = append(l.gives, gift{r, take})
	return r
}

func (h Hand) give(l *List, fd Arg) Ref {
	control := l.Words(N(unix.CmsgLen(4)), N(unix.SOL_SOCKET|unix.SCM_RIGHTS<<32), Arg{})
	l.Store(control.At(unix.CmsgLen(0)), fd)
	return l.Call("sendmsg", unix.SYS_SENDMSG, N(h.There), l.message(control).Arg(), N(unix.MSG_NOSIGNAL))
}

// take hands over what was given: the descriptors that came, or, in a list that is
// done here, the results. A hand that says that it has given one, and has not, would
// have us take one of our own.
func (l *List) take(given []int, err error) error {
	done := slices.IndexFunc(l.gives, func(g gift) bool { return !g.call.Done() })
	if done < 0 {
		done = len(l.gives)
	}
	if _, is := l.doer.(Hand); is && err == nil && len(given) != done {
		err = unix.EPROTO
	}
	if err != nil {
		for _, fd := range given {
			unix.Close(fd)
		}
		return err
	}
	for i, fd := range given {
		l.gives[i].call.Set(fd)
	}
	for _, g := range l.gives[:done] {
		g.take(g.call.Result())
	}
	l.gives = l.gives[done:]
	return nil
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
