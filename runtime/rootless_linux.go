package runtime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// DefaultRoot is where containers' state is kept if --root does not say: in
// /run/mini for root. For anybody else in the directory that the system gives
// each user for such things, which ends with the last session like the
// containers do: $XDG_RUNTIME_DIR/mini, or if the variable is lost, as by
// su(1), /run/user/UID/mini. Where there is no such directory it is
// /tmp/mini-UID/state; /tmp/mini-UID stays, since while it is there nobody else
// can put one of theirs in its place. Who is root only of a user namespace that
// an ordinary user made, as rootless podman does, has that user's directory.
func DefaultRoot() (string, error) {
	uid := os.Geteuid()
	dir := os.Getenv("XDG_RUNTIME_DIR")
	switch set := filepath.IsAbs(dir); {
	case uid == 0 && (!set || initialUserNS()):
		return "/run/mini", nil
	case set:
		return filepath.Join(dir, "mini"), nil
	}
	if dir := filepath.Join("/run/user", strconv.Itoa(uid)); private(dir, uid) == nil {
		return filepath.Join(dir, "mini"), nil
	}
	dir = filepath.Join("/tmp", "mini-"+strconv.Itoa(uid))
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	if err := private(dir, uid); err != nil {
		return "", fmt.Errorf("keep state in %s: %w (set XDG_RUNTIME_DIR, or use --root)", dir, err)
	}
	return filepath.Join(dir, "state"), nil
}

// initialUserNS tells whether root here is the machine's: the first user
// namespace has an inode number of its own (PROC_USER_INIT_INO, linux/proc_ns.h).
func initialUserNS() bool {
	link, err := os.Readlink("/proc/self/ns/user")
	return err != nil || link == "user:[4026531837]"
}

// private wants a directory, not a link to one, that only its owner uid can
// write to.
func private(dir string, uid int) error {
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return err
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFDIR:
		return unix.ENOTDIR
	case int(st.Uid) != uid:
		return fmt.Errorf("it belongs to uid %d", st.Uid)
	case st.Mode&0o022 != 0:
		return fmt.Errorf("others may write to it: mode %04o", st.Mode&0o7777)
	}
	return nil
}
