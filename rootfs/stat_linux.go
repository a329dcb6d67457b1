package rootfs

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// Where things are in a stat structure (stat(3type)).
const (
	statMode = int(unsafe.Offsetof(unix.Stat_t{}.Mode))
	statUID  = int(unsafe.Offsetof(unix.Stat_t{}.Uid))
	statGID  = int(unsafe.Offsetof(unix.Stat_t{}.Gid))
	statRdev = int(unsafe.Offsetof(unix.Stat_t{}.Rdev))
)

// notSo is the errno of a check that only decides which calls are passed over.
const notSo = unix.ECANCELED

// ofType fails with errno unless a stat structure is of a file of the type (S_IF*).
func ofType(l *calls.List, stat calls.Memory, format uint32, errno unix.Errno) calls.Ref {
	return l.Check("", stat.At(statMode), unix.S_IFMT, uint64(format), errno)
}

// isDir asks now.
func isDir(l *calls.List, fd calls.Arg) (bool, error) {
	stat, r := l.Fstat(fd)
	if err := r.Err(); err != nil {
		return false, err
	}
	return calls.ReadStruct[unix.Stat_t](stat).Mode&unix.S_IFMT == unix.S_IFDIR, nil
}

// ofProc fails with errno unless fd is on a procfs. The type comes first in the
// structure (statfs(2)).
func ofProc(l *calls.List, fd calls.Arg, errno unix.Errno) calls.Ref {
	fs, _ := l.Fstatfs(fd)
	return l.Check("", fs.Arg(), ^uint64(0), unix.PROC_SUPER_MAGIC, errno)
}

// refuse ends a list with an error that is no call's.
func refuse(l *calls.List, err error) calls.Ref {
	r := l.Check("", l.Space(8).Arg(), 0, 1, unix.EPERM)
	return r.Else(0, func(unix.Errno) error { return err })
}
