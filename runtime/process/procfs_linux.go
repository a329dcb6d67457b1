package process

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// openProc opens the root of a procfs of this pid namespace: one of our own
// that is mounted nowhere or, where the kernel does not give us one (EPERM: in a
// user namespace whose procfs has parts covered), the one on /proc, checked to be
// one. The attributes of a thread can be written by that thread only, so that a
// procfs of another pid namespace can stop us but not deceive us.
func openProc(l *calls.List) calls.Ref {
	root := l.Space(8)
	fs := l.Fsopen("proc")
	create := l.FsconfigCreate(fs.Arg())
	mount := l.Fsmount(fs.Arg(), unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOEXEC)
	l.Store(root.Arg(), mount.Arg())
	private := l.Jump()
	for _, r := range []calls.Ref{fs, create, mount} {
		r.SkipTo(unix.EPERM)
	}
	l.Store(root.Arg(), mountedProc(l).Arg())
	private.Here()
	l.Close(fs.Arg())
	return l.Load(root.Arg())
}

const procRootIno = 1 // PROC_ROOT_INO of linux/proc_ns.h

func mountedProc(l *calls.List) calls.Ref {
	proc := l.Openat2(calls.CWD, "/proc", unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_SYMLINKS,
	})
	st, _ := l.Fstat(proc.Arg())
	l.Check("/proc is not the root of a procfs", st.At(int(unsafe.Offsetof(unix.Stat_t{}.Ino))), ^uint64(0), procRootIno, unix.EXDEV)
	onProc(l, proc)
	return proc
}

func onProc(l *calls.List, fd calls.Ref) {
	fs, _ := l.Fstatfs(fd.Arg())
	l.Check("not on a procfs", fs.At(int(unsafe.Offsetof(unix.Statfs_t{}.Type))), 0xffffffff, unix.PROC_SUPER_MAGIC, unix.EXDEV)
}

// writeOwn writes the first of the files below thread-self, a link of the procfs's
// own, that there is. Behind that there may be neither links nor mounts on the way.
func writeOwn(l *calls.List, proc calls.Ref, files []string, text string) {
	self := openBelow(l, "open thread-self", proc, "thread-self", unix.O_PATH|unix.O_DIRECTORY, 0)
	file := l.Space(8)
	var found []calls.Jump
	for i, name := range files {
		open := openBelow(l, "open "+name, self, name, unix.O_WRONLY|unix.O_NOFOLLOW, unix.RESOLVE_NO_SYMLINKS)
		l.Store(file.Arg(), open.Arg())
		if i < len(files)-1 {
			found = append(found, l.Jump())
			open.SkipTo(unix.ENOENT)
		}
	}
	for _, j := range found {
		j.Here()
	}
	fd := l.Load(file.Arg())
	onProc(l, fd)
	l.Call(labelWord, unix.SYS_WRITE, fd.Arg(), l.Text(text), calls.N(len(text)))
	l.Close(fd.Arg())
	l.Close(self.Arg())
}

func openBelow(l *calls.List, name string, dir calls.Ref, file string, flags, resolve uint64) calls.Ref {
	how := unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC,
		Resolve: resolve | unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
	}
	return l.Call(name, unix.SYS_OPENAT2, dir.Arg(), l.Text(file), calls.Struct(l, &how).Arg(), calls.N(unix.SizeofOpenHow))
}
