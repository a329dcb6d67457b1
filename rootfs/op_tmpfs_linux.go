package rootfs

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// freshTmpfs attaches a tmpfs over a directory of the image, which decides what
// the configuration leaves open: the mode and, with tmpcopyup, the contents.
type freshTmpfs struct {
	mountFS
	mode   bool // the options have one
	copyUp bool
}

func (o *freshTmpfs) Do() error {
	model, err := o.tree.open(o.dest, unix.O_DIRECTORY, 0)
	if errors.Is(err, unix.ENOENT) {
		return o.mountFS.Do()
	}
	if err != nil {
		return err
	}
	defer unix.Close(model)
	params, err := o.likeModel(model)
	if err != nil {
		return err
	}
	attrs := o.attrs
	if o.copyUp {
		attrs &^= unix.MOUNT_ATTR_RDONLY
	}
	fd, err := o.make(params, attrs)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if o.copyUp {
		if err := copyDir(model, fd, o.attrs&unix.MOUNT_ATTR_RDONLY != 0); err != nil {
			return fmt.Errorf("copy up: %w", err)
		}
	}
	return o.tree.attach(fd, o.dest, true, 0)
}

// likeModel gives the tmpfs the mode of the directory it will cover, as runc does
// (crun 1.8 leaves it at 1777): /tmp stays everybody's, /run does not become so.
func (o *freshTmpfs) likeModel(model int) ([]param, error) {
	if o.mode {
		return o.params, nil
	}
	var st unix.Stat_t
	if err := unix.Fstat(model, &st); err != nil {
		return nil, fmt.Errorf("fstat: %w", err)
	}
	mode := fmt.Sprintf("%04o", st.Mode&0o7777)
	return append(o.params[:len(o.params):len(o.params)], param{key: "mode", value: mode}), nil
}

// Shell copies by way of a second mount.
func (o *freshTmpfs) Shell() string {
	at := inRoot(o.dest)
	plain := o.mountFS
	plain.words = nil
	for _, w := range o.words {
		if w != "tmpcopyup" {
			plain.words = append(plain.words, w)
		}
	}
	line := plain.Shell()
	if !o.mode {
		line = "mode=$(stat -c %a " + at + " 2>/dev/null || echo 1777)\n" + line + "\nchmod $mode " + at
	}
	if o.copyUp {
		line = "below=$(mktemp -d) && mount --bind " + at + ` "$below"` + "\n" + line + "\n" +
			"cp -a \"$below\"/. " + at + ` && umount "$below" && rmdir "$below"`
	}
	return strings.TrimSpace(line)
}

// copyDir fills the new file system to and, if it is to be, makes it read-only
// then.
func copyDir(from, to int, readonly bool) error {
	top, err := unix.Openat(to, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer unix.Close(top)
	c := copier{buf: make([]byte, 64<<10)}
	if err := c.contents(from, top, "."); err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(from, &st); err != nil {
		return fmt.Errorf("fstat: %w", err)
	}
	if err := dress(to, ".", &st); err != nil {
		return err
	}
	if !readonly {
		return nil
	}
	return setattr{attr: unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}}.do(to)
}
