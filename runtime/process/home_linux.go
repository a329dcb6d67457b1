package process

import (
	"bytes"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// findHome sets HOME from the container's /etc/passwd, or to / without one. It is
// read before the start, by root: what it says goes into the calls of the last
// stage.
type findHome struct {
	note
	uid     uint32
	program *program
}

func (o findHome) Do() error { return calls.Do(o) }

// passwdSize is how much is read at first: more than most containers have.
const passwdSize = 4096

// home is what has been read.
type home struct {
	uid    uint32
	passwd calls.Memory
	read   calls.Ref // how much; 0: nothing, for whatever reason
}

// Calls reads a regular file and nothing else: the container could have put a
// pipe there, to read from which would be to wait for ever.
func (o findHome) Calls(l *calls.List) {
	open := l.Openat2(calls.CWD, "/etc/passwd", unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_MAGICLINKS,
	})
	st, _ := l.Fstat(open.Arg())
	regular := l.Check("", st.At(int(unsafe.Offsetof(unix.Stat_t{}.Mode))), unix.S_IFMT, unix.S_IFREG, unix.EINVAL)
	passwd := l.Space(passwdSize)
	read := l.Read(open.Arg(), passwd).Skip(0, 0)
	regular.SkipTo(unix.EINVAL)
	l.Close(open.Arg())
	open.SkipTo(0)
	o.program.home = &home{o.uid, passwd, read}
}

var errHomeNotRead = errors.New("/etc/passwd has not been read yet")

// directory is found when the program is about to be started, by the process that
// will do l.
func (h *home) directory(l *calls.List) (string, error) {
	if !h.read.Done() {
		return "", errHomeNotRead
	}
	passwd := h.passwd.Begin(h.read.Result())
	if len(passwd) == passwdSize {
		if all, err := filesOf(l.Beside).head("/etc/passwd", maxPasswd); err == nil {
			passwd = all
		}
	}
	if dir, ok := homeOf(bytes.NewReader(passwd), h.uid); ok {
		return dir, nil
	}
	return "/", nil
}

func (o findHome) String() string { return fmt.Sprintf("setenv HOME of user %d in /etc/passwd", o.uid) }

// Shell needs nothing but the shell itself.
func (o findHome) Shell() string {
	return fmt.Sprintf(`HOME=/
[ ! -f /etc/passwd ] || while IFS=: read -r _ _ uid _ _ home _; do
	[ "$uid" != %d ] || { HOME=${home:-/}; break; }
done </etc/passwd`, o.uid)
}
