package calls

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// feigned is a hand that is somebody else: answer gets the data of each image, with
// the head of an answer that all is done.
func feigned(t *testing.T, answer func(socket int, data []byte)) Hand {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "theirs")
	go func() {
		defer theirs.Close()
		data := make([]byte, headSize)
		if _, err := io.ReadFull(theirs, data); err != nil {
			return
		}
		h := *headOf(data)
		data = append(data, make([]byte, h.parts[0].size)...)
		if _, err := io.ReadFull(theirs, data[headSize:]); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, theirs, int64(h.parts[1].size)); err != nil {
			return
		}
		headOf(data).at = h.count
		answer(fds[1], data)
	}()
	ours := os.NewFile(uintptr(fds[0]), "ours")
	t.Cleanup(func() { ours.Close() })
	return Hand{ours, 3}
}

// TestNotGiven: who says that a descriptor was given does not choose one of ours.
func TestNotGiven(t *testing.T) {
	h := feigned(t, func(socket int, data []byte) { _, _ = unix.Write(socket, data) })
	l := h.List()
	l.Give(N(0), func(fd int) { t.Errorf("descriptor %d was taken", fd) })
	if err := l.Flush(); err != unix.EPROTO {
		t.Errorf("got %v, want EPROTO", err)
	}
}

// TestGivenTwice: a second descriptor with the same byte does not stay open here.
func TestGivenTwice(t *testing.T) {
	if *emulator != "" {
		t.Skip("qemu receives more descriptors than there is room for, and forgets them")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h := feigned(t, func(socket int, data []byte) {
		_ = unix.Sendmsg(socket, []byte{0}, unix.UnixRights(int(w.Fd()), int(w.Fd())), nil, 0)
		_, _ = unix.Write(socket, data)
		w.Close()
	})
	l := h.List()
	l.Give(N(0), func(fd int) { unix.Close(fd) })
	if err := l.Flush(); !errors.Is(err, unix.EMFILE) {
		t.Errorf("got %v, want EMFILE", err)
	}
	_ = r.SetReadDeadline(time.Now().Add(time.Minute))
	h.Socket.Close() // or the answer keeps who sends it
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("got %d, %v, want the end of the pipe: a descriptor is open", n, err)
	}
}
