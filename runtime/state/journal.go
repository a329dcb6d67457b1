package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Journal notes a line before the step that it would undo is done. A line
// counts from its newline on: what a crash cut short was never acted upon.
func (d *Dir) Journal(line string) error {
	f, err := d.file(journalFile, os.O_WRONLY|os.O_CREATE|os.O_APPEND)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(line + "\n")
	return err
}

// Lines gives what was noted, the oldest first.
func (d *Dir) Lines() ([]string, error) {
	data, err := os.ReadFile(filepath.Join(d.Path, journalFile))
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
