package rootfs

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// receive takes an order, and the descriptors that come with it.
func receive(conn *os.File) (o order, files []*os.File, err error) {
	count, oob := make([]byte, 1), make([]byte, 4096)
	_, n, _, _, err := unix.Recvmsg(int(conn.Fd()), count, oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return o, nil, err
	}
	if n > 0 {
		messages, err := unix.ParseSocketControlMessage(oob[:n])
		if err != nil {
			return o, nil, err
		}
		fds, err := unix.ParseUnixRights(&messages[0])
		if err != nil {
			return o, nil, err
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "source"))
		}
	}
	return o, files, json.NewDecoder(conn).Decode(&o)
}

// helper is init: it builds the root, and obeys the commands in it. If a hand has
// done the one the other is left.
func helper(built bool) error {
	conn := os.NewFile(3, "socket")
	o, files, err := receive(conn)
	if err != nil {
		return err
	}
	if !built {
		if err := build(o, files); err != nil {
			return err
		}
	}
	replies := json.NewEncoder(conn)
	for _, command := range o.Commands {
		if err := replies.Encode(obey(command)); err != nil {
			return err
		}
		if command == "sync" {
			if _, err := conn.Read(make([]byte, 1)); err != nil {
				return err
			}
		}
	}
	return nil
}

func build(o order, files []*os.File) error {
	steps, err := Plan(o.Config, o.Facts, new(int))
	if err != nil {
		return err
	}
	if err := steps.Sources.Fill(files); err != nil {
		return err
	}
	for _, op := range insideOf(steps) {
		if err := op.Do(); err != nil {
			return fmt.Errorf("%s [%s]: %w", op, op.Field(), err)
		}
	}
	return nil
}

// obey does one command in the container and says what came of it: the result,
// or the name of the errno.
func obey(command string) string {
	verb, rest, _ := strings.Cut(command, " ")
	name, text, _ := strings.Cut(rest, " ")
	switch verb {
	case "sync":
		return "sync"
	case "head":
		return head(name)
	case "fill":
		return said("ok", os.WriteFile(name, make([]byte, 4<<20), 0o644))
	case "read":
		b, err := os.ReadFile(name)
		return said(string(b), err)
	case "write":
		return said("ok", os.WriteFile(name, []byte(text), 0o644))
	case "rm":
		return said("ok", os.Remove(name))
	case "mkdir":
		return said("ok", os.Mkdir(name, 0o755))
	case "exists":
		_, err := os.Lstat(name)
		return said("yes", err)
	case "link":
		target, err := os.Readlink(name)
		return said(target, err)
	case "ls":
		entries, err := os.ReadDir(name)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return said(strings.Join(names, " "), err)
	case "stat":
		return stat(name)
	case "mtime":
		var st unix.Stat_t
		err := unix.Lstat(name, &st)
		return said(fmt.Sprint(st.Mtim.Sec), err)
	case "xattr":
		value := make([]byte, 100)
		n, err := unix.Lgetxattr(name, text, value)
		return said(string(value[:max(n, 0)]), err)
	case "mount":
		return mountAt(name)
	case "mounts":
		return mountinfo()
	case "chmod":
		return said("ok", os.Chmod(name, 0o600))
	case "mount-tmpfs":
		return said("ok", unix.Mount("tmpfs", name, "tmpfs", 0, ""))
	}
	return "unknown command " + verb
}

// head reads four bytes.
func head(name string) string {
	f, err := os.Open(name)
	if err != nil {
		return said("", err)
	}
	defer f.Close()
	b := make([]byte, 4)
	n, err := f.Read(b)
	return said(fmt.Sprint(n), err)
}

func said(text string, err error) string {
	var errno syscall.Errno
	switch {
	case err == nil:
		return text
	case errors.As(err, &errno):
		return unix.ErrnoName(errno)
	}
	return err.Error()
}

func stat(name string) string {
	var st unix.Stat_t
	if err := unix.Lstat(name, &st); err != nil {
		return said("", err)
	}
	s := fmt.Sprintf("%o %d:%d", st.Mode, st.Uid, st.Gid)
	if st.Mode&unix.S_IFMT == unix.S_IFCHR {
		s += fmt.Sprintf(" %d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	}
	return s
}

// mountAt shows the topmost mount at name: type and options.
func mountAt(name string) string {
	found := "none"
	for line := range strings.Lines(mountinfo()) {
		f := strings.Fields(line)
		if f[4] == name {
			dash := 6
			for f[dash] != "-" {
				dash++
			}
			found = f[dash+1] + " " + f[5] + " " + strings.Join(f[6:dash], " ")
		}
	}
	return strings.TrimSpace(found)
}
