package stdio

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// bindConsole mounts the terminal on /dev/console.
type bindConsole struct {
	note
	terminal *Terminal
}

// Do works on descriptors alone: neither the terminal nor the place it goes to
// can be exchanged for another in between (CVE-2025-52565).
func (o bindConsole) Do() error {
	if o.terminal.slave == nil {
		return errNoTerminal
	}
	target, err := openConsole()
	if err != nil {
		return err
	}
	defer unix.Close(target)
	tree, err := unix.OpenTree(int(o.terminal.slave.Fd()), "", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH)
	if err != nil {
		return fmt.Errorf("open_tree: %w", err)
	}
	defer unix.Close(tree)
	if err := unix.MoveMount(tree, "", target, "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH); err != nil {
		return fmt.Errorf("move_mount: %w", err)
	}
	return nil
}

func (o bindConsole) String() string { return "mount --bind the terminal on /dev/console" }
func (o bindConsole) Shell() string {
	return `: >>"$R"/dev/console` + "\n" + `mount --bind "$(tty)" "$R"/dev/console`
}

// openConsole opens /dev/console, or makes it: a file or a device, no link.
func openConsole() (int, error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	dev, err := unix.Openat2(unix.AT_FDCWD, "/dev", &how)
	if err != nil {
		return -1, fmt.Errorf("open /dev: %w", err)
	}
	defer unix.Close(dev)
	how = unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	}
	fd, err := unix.Openat2(dev, "console", &how)
	if errors.Is(err, unix.ENOENT) {
		if err := create(dev, "console"); err != nil {
			return -1, fmt.Errorf("create /dev/console: %w", err)
		}
		fd, err = unix.Openat2(dev, "console", &how)
	}
	if err != nil {
		return -1, fmt.Errorf("open /dev/console: %w", err)
	}
	if err := checkConsole(fd); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func create(dir int, name string) error {
	fd, err := unix.Openat(dir, name, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

func checkConsole(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return fmt.Errorf("stat /dev/console: %w", err)
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFCHR:
		return nil
	case unix.S_IFLNK:
		return fmt.Errorf("/dev/console is a symbolic link: %w", unix.ELOOP)
	}
	return fmt.Errorf("/dev/console is neither a file nor a device: %w", unix.EEXIST)
}
