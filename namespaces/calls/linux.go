package calls

import (
	"bytes"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls, in the order of their numbers in the manual's index: files,
// mounts, the process. A descriptor that a call returns is open in the process that
// does the list until it is closed there.

// struct_ copies *v into the list's data.
func struct_[T any](l *List, v *T) Memory {
	return l.Memory(unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v)))
}

// Struct copies *v, which may not hold pointers, into the list's data.
func Struct[T any](l *List, v *T) Memory { return struct_(l, v) }

// ReadStruct is the content of a memory as a T.
func ReadStruct[T any](m Memory) T {
	var v T
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&v)), unsafe.Sizeof(v)), m.Bytes())
	return v
}

// Check fails with errno unless the word at addr, masked, is want.
func (l *List) Check(name string, addr Arg, mask, want uint64, errno unix.Errno) Ref {
	return l.Call(name, uintptr(trapCheck), addr, N(mask), N(want), N(errno))
}

// Store puts the four bytes of v at addr.
func (l *List) Store(addr, v Arg) Ref { return l.Call("store", uintptr(trapStore), addr, v) }

// Load is the four bytes at addr.
func (l *List) Load(addr Arg) Ref { return l.Call("load", uintptr(trapLoad), addr) }

// Answer has the answer to a list that is left with a hand written to fd.
func (l *List) Answer(fd Arg) Ref { return l.Call("answer", uintptr(trapAnswer), fd) }

// Close closes a descriptor; that it fails is no failure.
func (l *List) Close(fd Arg) { l.Call("close", unix.SYS_CLOSE, fd).Skip(0, 0) }

// Openat2 is openat2(2).
func (l *List) Openat2(dir Arg, path string, how unix.OpenHow) Ref {
	return l.Call("openat2", unix.SYS_OPENAT2, dir, l.Text(path), struct_(l, &how).Arg(), N(unix.SizeofOpenHow))
}

// Open is openat(2) of an absolute path, always close-on-exec.
func (l *List) Open(path string, flags int) Ref {
	return l.Call("open", unix.SYS_OPENAT, CWD, l.Text(path), N(flags|unix.O_CLOEXEC), N(0))
}

// Mkdirat is mkdirat(2).
func (l *List) Mkdirat(dir Arg, name string, mode uint32) Ref {
	return l.Call("mkdirat", unix.SYS_MKDIRAT, dir, l.Text(name), N(mode))
}

// Mknodat is mknodat(2).
func (l *List) Mknodat(dir Arg, name string, mode uint32, dev uint64) Ref {
	return l.Call("mknodat", unix.SYS_MKNODAT, dir, l.Text(name), N(mode), N(dev))
}

// Symlinkat is symlinkat(2).
func (l *List) Symlinkat(target string, dir Arg, name string) Ref {
	return l.Call("symlinkat", unix.SYS_SYMLINKAT, l.Text(target), dir, l.Text(name))
}

// Unlinkat is unlinkat(2).
func (l *List) Unlinkat(dir Arg, name string, flags int) Ref {
	return l.Call("unlinkat", unix.SYS_UNLINKAT, dir, l.Text(name), N(flags))
}

// Readlinkat is readlinkat(2) into m; the result is the length.
func (l *List) Readlinkat(dir Arg, name string, m Memory) Ref {
	return l.Call("readlinkat", unix.SYS_READLINKAT, dir, l.Text(name), m.Arg(), N(m.len))
}

// Fchmodat is fchmodat(2), which follows links.
func (l *List) Fchmodat(dir Arg, name string, mode uint32) Ref {
	return l.Call("fchmodat", unix.SYS_FCHMODAT, dir, l.Text(name), N(mode))
}

// Fchownat is fchownat(2).
func (l *List) Fchownat(dir Arg, name string, uid, gid uint32, flags int) Ref {
	return l.Call("fchownat", unix.SYS_FCHOWNAT, dir, l.Text(name), N(uid), N(gid), N(flags))
}

// Fstat is fstat(2) into the memory that it returns, a [unix.Stat_t].
func (l *List) Fstat(fd Arg) (Memory, Ref) {
	m := l.Space(int(unsafe.Sizeof(unix.Stat_t{})))
	return m, l.Call("fstat", unix.SYS_FSTAT, fd, m.Arg())
}

// Fstatfs is fstatfs(2) into the memory that it returns, a [unix.Statfs_t].
func (l *List) Fstatfs(fd Arg) (Memory, Ref) {
	m := l.Space(int(unsafe.Sizeof(unix.Statfs_t{})))
	return m, l.Call("fstatfs", unix.SYS_FSTATFS, fd, m.Arg())
}

// Dup is a copy of fd, close-on-exec, not below from (F_DUPFD_CLOEXEC, fcntl(2)).
func (l *List) Dup(fd Arg, from int) Ref {
	return l.Call("fcntl F_DUPFD_CLOEXEC", unix.SYS_FCNTL, fd, N(unix.F_DUPFD_CLOEXEC), N(from))
}

// Write is write(2).
func (l *List) Write(fd Arg, text string) Ref {
	return l.Call("write", unix.SYS_WRITE, fd, l.Text(text), N(len(text)))
}

// Read is read(2) into m.
func (l *List) Read(fd Arg, m Memory) Ref {
	return l.Call("read", unix.SYS_READ, fd, m.Arg(), N(m.len))
}

// OpenTree is open_tree(2), always close-on-exec.
func (l *List) OpenTree(dir Arg, path string, flags uint) Ref {
	return l.Call("open_tree", unix.SYS_OPEN_TREE, dir, l.Text(path), N(flags|unix.OPEN_TREE_CLOEXEC))
}

// MoveMount is move_mount(2).
func (l *List) MoveMount(from Arg, fromPath string, to Arg, toPath string, flags int) Ref {
	return l.Call("move_mount", unix.SYS_MOVE_MOUNT, from, l.Text(fromPath), to, l.Text(toPath), N(flags))
}

// Fsopen is fsopen(2).
func (l *List) Fsopen(fstype string) Ref {
	return l.Call("fsopen "+fstype, unix.SYS_FSOPEN, l.Text(fstype), N(unix.FSOPEN_CLOEXEC))
}

// FsconfigSetFlag is FSCONFIG_SET_FLAG of fsconfig(2).
func (l *List) FsconfigSetFlag(fs Arg, key string) Ref {
	return l.Call("fsconfig "+key, unix.SYS_FSCONFIG, fs, N(unix.FSCONFIG_SET_FLAG), l.Text(key), N(0), N(0))
}

// FsconfigSetString is FSCONFIG_SET_STRING of fsconfig(2).
func (l *List) FsconfigSetString(fs Arg, key, value string) Ref {
	return l.Call("fsconfig "+key, unix.SYS_FSCONFIG, fs, N(unix.FSCONFIG_SET_STRING), l.Text(key), l.Text(value), N(0))
}

// FsconfigCreate is FSCONFIG_CMD_CREATE of fsconfig(2).
func (l *List) FsconfigCreate(fs Arg) Ref {
	return l.Call("fsconfig create", unix.SYS_FSCONFIG, fs, N(unix.FSCONFIG_CMD_CREATE), N(0), N(0), N(0))
}

// FsconfigReconfigure is FSCONFIG_CMD_RECONFIGURE of fsconfig(2).
func (l *List) FsconfigReconfigure(fs Arg) Ref {
	return l.Call("fsconfig reconfigure", unix.SYS_FSCONFIG, fs, N(unix.FSCONFIG_CMD_RECONFIGURE), N(0), N(0), N(0))
}

// Fsmount is fsmount(2) with the attributes attrs (MOUNT_ATTR_*).
func (l *List) Fsmount(fs Arg, attrs uint64) Ref {
	return l.Call("fsmount", unix.SYS_FSMOUNT, fs, N(unix.FSMOUNT_CLOEXEC), N(attrs))
}

// Fspick is fspick(2) of a descriptor.
func (l *List) Fspick(fd Arg) Ref {
	return l.Call("fspick", unix.SYS_FSPICK, fd, l.Text(""), N(unix.FSPICK_CLOEXEC|unix.FSPICK_EMPTY_PATH))
}

// MountSetattr is mount_setattr(2). userns is put into its userns_fd, if it is not
// the zero Arg.
func (l *List) MountSetattr(dir Arg, path string, flags uint, attr unix.MountAttr, userns Arg) Ref {
	m := struct_(l, &attr)
	if userns != (Arg{}) {
		l.Store(m.At(int(unsafe.Offsetof(attr.Userns_fd))), userns)
	}
	return l.Call("mount_setattr", unix.SYS_MOUNT_SETATTR, dir, l.Text(path), N(flags), m.Arg(), N(unsafe.Sizeof(attr)))
}

// Umount2 is umount2(2).
func (l *List) Umount2(path string, flags int) Ref {
	return l.Call("umount2", unix.SYS_UMOUNT2, l.Text(path), N(flags))
}

// PivotRoot is pivot_root(2).
func (l *List) PivotRoot(newroot, putold string) Ref {
	return l.Call("pivot_root", unix.SYS_PIVOT_ROOT, l.Text(newroot), l.Text(putold))
}

// Chdir is chdir(2).
func (l *List) Chdir(path string) Ref { return l.Call("chdir", unix.SYS_CHDIR, l.Text(path)) }

// Fchdir is fchdir(2).
func (l *List) Fchdir(fd Arg) Ref { return l.Call("fchdir", unix.SYS_FCHDIR, fd) }

// Chroot is chroot(2).
func (l *List) Chroot(path string) Ref { return l.Call("chroot", unix.SYS_CHROOT, l.Text(path)) }

// Prctl is prctl(2).
func (l *List) Prctl(name string, option int, args ...Arg) Ref {
	return l.Call("prctl "+name, unix.SYS_PRCTL, append([]Arg{N(option)}, args...)...)
}

// Execve is execve(2).
func (l *List) Execve(path string, argv, envv Arg) Ref {
	return l.Call("execve", unix.SYS_EXECVE, l.Text(path), argv, envv)
}

// Strings is an array of strings that ends with a null, as execve(2) wants it; more
// are the addresses of some that are in the list's data.
func (l *List) Strings(list []string, more ...Arg) Arg {
	words := make([]Arg, 0, len(list)+len(more)+1)
	for _, s := range list {
		words = append(words, l.Text(s))
	}
	return l.Words(append(append(words, more...), Arg{})...).Arg()
}

// text is the string in p up to its first zero.
func text(p []byte) string {
	if i := bytes.IndexByte(p, 0); i >= 0 {
		p = p[:i]
	}
	return string(p)
}

// String is the text in the memory, up to a zero.
func (m Memory) String() string { return text(m.Bytes()) }
