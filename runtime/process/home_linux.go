package process

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// findHome sets HOME from the container's /etc/passwd, or to / without one.
type findHome struct {
	note
	uid     uint32
	program *program
}

func (o findHome) Do() error {
	home := "/"
	if f, err := openPasswd(); err == nil {
		defer f.Close()
		if h, ok := homeOf(f, o.uid); ok {
			home = h
		}
	}
	o.program.env = withHome(o.program.env, home)
	return nil
}

func (o findHome) String() string { return fmt.Sprintf("setenv HOME of user %d in /etc/passwd", o.uid) }

// Shell needs nothing but the shell itself.
func (o findHome) Shell() string {
	return fmt.Sprintf(`HOME=/
[ ! -f /etc/passwd ] || while IFS=: read -r _ _ uid _ _ home _; do
	[ "$uid" != %d ] || { HOME=${home:-/}; break; }
done </etc/passwd`, o.uid)
}

// openPasswd opens a regular file and nothing else: the container could have
// put a pipe there, to read from which would be to wait for ever.
func openPasswd() (*os.File, error) {
	how := unix.OpenHow{Flags: unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, "/etc/passwd", &how)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "/etc/passwd")
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		f.Close()
		return nil, unix.EINVAL
	}
	return f, nil
}
