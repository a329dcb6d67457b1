package runtime

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// ownBinary is mini's own, as init and the processes of exec execute it.
type ownBinary struct {
	*os.File
	mount *os.File // that it is a file of, nil: of none, or of none any more
}

// settle takes the mount apart that the binary was opened in, which an open file
// of it does not mind. The kernel waits there for all other processors
// (synchronize_rcu, half a millisecond), so it has its time when we would wait anyway.
func (b *ownBinary) settle() {
	if b != nil && b.mount != nil {
		b.mount.Close()
		b.mount = nil
	}
}

// Close lets go of it, once more or not.
func (b *ownBinary) Close() {
	if b != nil {
		b.settle()
		b.File.Close()
	}
}

// openSelf opens mini's own binary in a form that a container cannot write
// to, not even as root through /proc/1/exe (CVE-2019-5736): as a file of a
// read-only overlay that is mounted nowhere. Where the kernel refuses that, or
// the binary has been deleted, a sealed copy in memory serves, which costs
// milliseconds. other is any directory; an overlay wants two.
//
// Where nothing can write to the file that we run from, that is taken as it is.
//
// An ordinary user may mount no overlay here, and needs none if the binary is
// one that the user cannot write to: see outOfReach.
func openSelf(other string) (*ownBinary, error) {
	if exe, err := os.Open("/proc/self/exe"); err == nil {
		if unwritable(exe) || os.Geteuid() != 0 && outOfReach(exe) {
			return &ownBinary{File: exe}, nil
		}
		exe.Close()
	}
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(path, " (deleted)") {
		if b, err := selfView(path, other); err == nil {
			return b, nil
		}
	}
	f, err := selfCopy()
	return &ownBinary{File: f}, err
}

// outOfReach tells of an ordinary user whether nothing that we start can ever write
// to exe. It runs with our own ids and those we may map, in a user namespace of ours. There its
// capabilities count only for files whose owner and group are mapped
// (user_namespaces(7), "Capabilities"; the kernel's privileged_wrt_inode_uidgid),
// so a file of the host's root that others may not write to is as safe from it
// as from us. Access lists can only give, and the mode's group bits cover what
// they give (acl(5)).
func outOfReach(exe *os.File) bool {
	var st unix.Stat_t
	if unix.Fstat(int(exe.Fd()), &st) != nil {
		return false
	}
	return st.Uid == 0 && st.Mode&0o022 == 0
}

// selfView mounts path's directory read-only, detached, and opens path there.
func selfView(path, other string) (*ownBinary, error) {
	fs, err := unix.Fsopen("overlay", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fs)
	layers := filepath.Dir(path) + ":" + other
	if strings.Contains(filepath.Dir(path), ":") || strings.ContainsAny(layers, ",\\") {
		return nil, unix.EINVAL // characters that the list of layers gives a meaning
	}
	if err := unix.FsconfigSetString(fs, "lowerdir", layers); err != nil {
		return nil, err
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return nil, err
	}
	at, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_RDONLY|unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV)
	if err != nil {
		return nil, err
	}
	mount := os.NewFile(uintptr(at), "own binary")
	fd, err := unix.Openat(at, filepath.Base(path), unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		mount.Close()
		return nil, err
	}
	return &ownBinary{os.NewFile(uintptr(fd), path), mount}, nil
}

// selfCopy copies the binary into a sealed memfd (memfd_create(2)).
func selfCopy() (*os.File, error) {
	exe, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	defer exe.Close()
	fd, err := unix.MemfdCreate("mini", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), "mini")
	if _, err := io.Copy(f, exe); err != nil {
		f.Close()
		return nil, fmt.Errorf("copy the own binary: %w", err)
	}
	const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		f.Close()
		return nil, fmt.Errorf("seal the own binary: %w", err)
	}
	return f, nil
}

// unwritable tells whether nobody can write to exe, by the way that leads there from
// /proc/PID/exe: on a read-only mount, as what selfView opens, or sealed, as what
// selfCopy makes.
func unwritable(exe *os.File) bool {
	var fs unix.Statfs_t
	if unix.Fstatfs(int(exe.Fd()), &fs) == nil && fs.Flags&unix.ST_RDONLY != 0 {
		return true
	}
	seals, err := unix.FcntlInt(exe.Fd(), unix.F_GET_SEALS, 0)
	return err == nil && seals&unix.F_SEAL_WRITE != 0
}
