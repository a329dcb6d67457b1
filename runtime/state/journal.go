package state

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Journal notes a line before the step that it would undo is done. A line
// counts from its newline on: what a crash cut short was never acted upon.
func (d *Dir) Journal(line string) error {
	return writeFile(filepath.Join(d.Path, journalFile), unix.O_APPEND, []byte(line+"\n"))
}

// Lines gives what was noted, the oldest first.
func (d *Dir) Lines() ([]string, error) {
	data, err := readFile(filepath.Join(d.Path, journalFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return complete(string(data)), err
}

func complete(journal string) []string {
	end := strings.LastIndexByte(journal, '\n')
	if end < 0 {
		return nil
	}
	return strings.Split(journal[:end], "\n")
}
