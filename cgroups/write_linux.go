package cgroups

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// write sets one file of the group.
type write struct {
	setting
	group *Group
}

func (w *write) Do() error {
	dir, err := w.group.open()
	if err != nil {
		return err
	}
	err = writeFile(dir, w.file, w.value)
	if w.other != nil && errors.Is(err, unix.ENOENT) {
		err = writeFile(dir, w.other.file, w.other.value)
	}
	switch {
	case w.optional && errors.Is(err, unix.ENOENT):
		return nil
	case errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%w (this kernel has no such file)", err)
	}
	return err
}

func (w *write) String() string {
	s := "write " + w.value + " > " + w.file
	if w.other != nil {
		s += " (without that file: " + w.other.value + " > " + w.other.file + ")"
	}
	if w.optional {
		s += " (if the file exists)"
	}
	return s
}

func (w *write) Shell() string {
	file := path.Join(w.group.path, w.file)
	line := redirect(w.value, file)
	switch {
	case w.other != nil:
		return fmt.Sprintf("if [ -e %s ]; then %s; else %s; fi", quote(file), line,
			redirect(w.other.value, path.Join(w.group.path, w.other.file)))
	case w.optional:
		return fmt.Sprintf("[ ! -e %s ] || %s", quote(file), line)
	}
	return line
}

// check refuses to go on if the group uses more than the limit that follows.
type check struct {
	note
	group       *Group
	file, limit string
}

func (c *check) Do() error {
	dir, err := c.group.open()
	if err != nil {
		return err
	}
	text, err := readFile(dir, c.file)
	if err != nil {
		return err
	}
	used, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return fmt.Errorf("parse %s: %w", c.file, err)
	}
	limit, err := strconv.ParseUint(c.limit, 10, 64)
	if err != nil {
		return fmt.Errorf("parse limit: %w", err)
	}
	if used > limit {
		return fmt.Errorf("%d bytes are in use, more than the new limit of %d, and checkBeforeUpdate is set: %w", used, limit, unix.EBUSY)
	}
	return nil
}

func (c *check) String() string { return "check " + c.file + " <= " + c.limit }

func (c *check) Shell() string {
	return fmt.Sprintf(`[ "$(cat %s)" -le %s ]`, quote(path.Join(c.group.path, c.file)), c.limit)
}

// redirect is the shell's way to write a value to a file.
func redirect(value, file string) string {
	if strings.HasPrefix(value, "-") || strings.ContainsRune(value, '\\') {
		return "printf '%s\\n' " + quote(value) + " > " + quote(file)
	}
	return "echo " + quote(value) + " > " + quote(file)
}

// quote makes one word of s for a POSIX shell.
func quote(s string) string {
	plain := func(r rune) bool {
		return r < 0x80 && strings.ContainsRune("/._-+:=,0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
