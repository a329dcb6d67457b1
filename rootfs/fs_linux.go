package rootfs

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// newFS makes an instance of a file system and a detached mount of it with the
// attributes attrs (MOUNT_ATTR_*).
func newFS(l *calls.List, fstype string, params []param, attrs uint64) calls.Ref {
	fs := l.Fsopen(fstype).Arg()
	configure(l, fs, params)
	explained(l.FsconfigCreate(fs), l, fs, "fsconfig create")
	fd := l.Fsmount(fs, attrs)
	explained(fd, l, fs, "fsmount")
	l.Close(fs)
	return fd
}

func configure(l *calls.List, fs calls.Arg, params []param) {
	for _, p := range params {
		var r calls.Ref
		if p.flag {
			r = l.FsconfigSetFlag(fs, p.key)
		} else {
			r = l.FsconfigSetString(fs, p.key, p.value)
		}
		explained(r, l, fs, "fsconfig "+p.key)
	}
}

// explained adds to an error of a call what the file system itself has to say.
func explained(r calls.Ref, l *calls.List, fs calls.Arg, call string) {
	r.Else(0, func(errno unix.Errno) error {
		if said := messages(l.Beside(), fs); len(said) > 0 {
			return fmt.Errorf("%s: %w (%s)", call, errno, strings.Join(said, "; "))
		}
		return fmt.Errorf("%s: %w", call, errno)
	})
}

// messages are what a read of the context returns: one message a read, each with a
// letter for its gravity.
func messages(l *calls.List, fs calls.Arg) (said []string) {
	var lines [8]calls.Memory
	var lengths [8]calls.Ref
	for i := range lines {
		lines[i] = l.Space(1024)
		lengths[i] = l.Read(fs, lines[i]).Skip(0, 0)
	}
	if l.Flush() != nil {
		return nil
	}
	for i, n := range lengths {
		if n.Result() <= 0 {
			break
		}
		text := bytes.TrimSpace(lines[i].Begin(n.Result()))
		if len(text) > 2 && text[1] == ' ' {
			text = text[2:]
		}
		said = append(said, string(text))
	}
	return said
}
