package runtime

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// kind is what a message between the parent and init says. There are four
// that every start has, in this order, and those that only some have.
type kind byte

const (
	msgFiles   kind = 'f' // parent → init: descriptors, before the config, as often as they need
	msgConfig  kind = 'c' // parent → init: what to build
	msgSpec    kind = 'j' // parent → supervisor: config.json
	msgMounted kind = 'm' // init → parent: the root stands, the hooks may run
	msgGo      kind = 'g' // parent → init: the hooks are done; also: do the next step
	msgReady   kind = 'r' // init → parent: waits at the gate; carries the pty's master, if any
	msgStep    kind = 's' // init → parent: a step is done (only when steps are watched)
	msgNext    kind = 'n' // init → parent: a step is next (only when steps are taken one by one)
	msgError   kind = 'e' // init → parent: a failure, the last message
)

// maxFiles is how many descriptors cross at once: SCM_MAX_FD of unix(7) is 253.
const maxFiles = 200

// channel is one end of the socket pair between the parent and init. It is
// used by one goroutine at a time.
type channel struct{ f *os.File }

// pair makes the two ends, both close-on-exec and blocking.
func pair() (parent, child channel, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return parent, child, fmt.Errorf("socketpair: %w", err)
	}
	return channel{os.NewFile(uintptr(fds[0]), "init")}, channel{os.NewFile(uintptr(fds[1]), "parent")}, nil
}

// send writes one message: its kind, its length in four bytes, its body.
func (c channel) send(k kind, body []byte, files ...*os.File) error {
	head := binary.LittleEndian.AppendUint32([]byte{byte(k)}, uint32(len(body)))
	var rights []byte
	if len(files) > 0 {
		rights = unix.UnixRights(descriptors(files)...)
	}
	// The descriptors travel with the head, so that they arrive before the body.
	if err := unix.Sendmsg(int(c.f.Fd()), head, rights, nil, unix.MSG_NOSIGNAL); err != nil {
		return fmt.Errorf("sendmsg: %w", err)
	}
	if len(body) == 0 {
		return nil
	}
	_, err := c.f.Write(body)
	return err
}

// sendFiles hands over any number of descriptors.
func (c channel) sendFiles(files []*os.File) error {
	for len(files) > 0 {
		n := min(len(files), maxFiles)
		if err := c.send(msgFiles, nil, files[:n]...); err != nil {
			return err
		}
		files = files[n:]
	}
	return nil
}

// message is one that was received.
type message struct {
	kind  kind
	body  []byte
	files []*os.File
}

// receive waits for the next message; io.EOF says that the other end is gone.
func (c channel) receive() (message, error) {
	head := make([]byte, 5)
	rights := make([]byte, unix.CmsgSpace(4*maxFiles))
	n, oobn, _, _, err := recvmsg(int(c.f.Fd()), head, rights)
	if err != nil {
		return message{}, err
	}
	if n == 0 {
		return message{}, io.EOF
	}
	if _, err := io.ReadFull(c.f, head[n:]); err != nil {
		return message{}, err
	}
	m := message{kind: kind(head[0]), body: make([]byte, binary.LittleEndian.Uint32(head[1:]))}
	if m.files, err = received(rights[:oobn]); err != nil {
		return m, err
	}
	_, err = io.ReadFull(c.f, m.body)
	return m, err
}

func recvmsg(fd int, p, oob []byte) (n, oobn, flags int, from unix.Sockaddr, err error) {
	for {
		n, oobn, flags, from, err = unix.Recvmsg(fd, p, oob, unix.MSG_CMSG_CLOEXEC)
		if err != unix.EINTR {
			return
		}
	}
}

// received takes the descriptors out of a control message.
func received(rights []byte) ([]*os.File, error) {
	if len(rights) == 0 {
		return nil, nil
	}
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil {
		return nil, fmt.Errorf("read control message: %w", err)
	}
	var files []*os.File
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			return nil, fmt.Errorf("read descriptors: %w", err)
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "received"))
		}
	}
	return files, nil
}

func descriptors(files []*os.File) []int {
	fds := make([]int, len(files))
	for i, f := range files {
		fds[i] = int(f.Fd())
	}
	return fds
}
