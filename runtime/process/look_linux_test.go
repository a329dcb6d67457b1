package process

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLookForProgram: what cannot be started whoever asks is an error before the
// start, by the names that engines look for.
func TestLookForProgram(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"program": 0o755, "plain": 0o644, "others": 0o001} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name  string
		errno unix.Errno
		text  string
	}{
		{"program", 0, ""},
		{"others", 0, ""},
		{"./program", 0, ""},
		{filepath.Join(dir, "program"), 0, ""},
		{"absent", unix.ENOENT, "executable file not found in $PATH"},
		{"./absent", unix.ENOENT, "no such file or directory"},
		{"/program/x", unix.ENOENT, "no such file or directory"},
		{"plain", unix.EACCES, "permission denied"},
		{"/etc", unix.EACCES, "is a directory"},
		{"/dev/null", unix.EACCES, "permission denied"},
		{"/proc/self/exe", unix.ELOOP, "magic link"},
	} {
		o := lookForProgram{dir: dir, program: &program{
			args: []string{tt.name}, env: []string{"PATH=/nowhere:" + dir}, says: Words{Program: tt.name}}}
		err := o.Do()
		if tt.errno == 0 && err != nil || tt.errno != 0 && (!errors.Is(err, tt.errno) || !strings.Contains(err.Error(), tt.text)) {
			t.Errorf("%s: got %v, want %v and %q", o, err, tt.errno, tt.text)
		}
	}
}
