package process

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// checkEnv refuses what no program can read, and keeps the last of several
// settings of one name, in the place of the first, as setenv(3) would.
func checkEnv(env []string) ([]string, error) {
	out := make([]string, 0, len(env))
	at := make(map[string]int, len(env))
	for i, entry := range env {
		name, _, ok := strings.Cut(entry, "=")
		switch field := fmt.Sprintf("/process/env/%d", i); {
		case !ok || name == "":
			return nil, refuse(field, "%q is not of the form NAME=value", entry)
		case strings.ContainsRune(entry, 0):
			return nil, refuse(field, "%s holds a NUL byte", name)
		}
		if n, dup := at[name]; dup {
			out[n] = entry
			continue
		}
		at[name] = len(out)
		out = append(out, entry)
	}
	return out, nil
}

// lookEnv is getenv(3); an empty value counts as set.
func lookEnv(env []string, name string) (string, bool) {
	for _, entry := range env {
		if n, value, ok := strings.Cut(entry, "="); ok && n == name {
			return value, true
		}
	}
	return "", false
}

// withoutHome is what is left for a HOME to be added to.
func withoutHome(env []string) []string {
	out := make([]string, 0, len(env)+1)
	for _, entry := range env {
		if !strings.HasPrefix(entry, "HOME=") {
			out = append(out, entry)
		}
	}
	return out
}

// maxPasswd is how much of a container's /etc/passwd is read: the file is the
// container's, and so may be anything.
const maxPasswd = 1 << 20

// homeOf finds the home directory of uid in a passwd(5) file: the first line of
// that uid counts. Lines that are not of seven fields, or whose uid is not
// plainly a number, or whose home is no absolute path, are passed over.
func homeOf(passwd io.Reader, uid uint32) (string, bool) {
	lines := bufio.NewScanner(io.LimitReader(passwd, maxPasswd))
	for lines.Scan() {
		f := strings.Split(lines.Text(), ":")
		if len(f) != 7 || !isID(f[2], uid) {
			continue
		}
		if !strings.HasPrefix(f[5], "/") || strings.ContainsRune(f[5], 0) {
			continue
		}
		return f[5], true
	}
	return "", false
}

// isID compares as text, so that neither signs, spaces, other bases nor numbers
// beyond 32 bits can ever be taken for an id.
func isID(s string, id uint32) bool { return s == strconv.FormatUint(uint64(id), 10) }
