package namespaces

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// probeGrants finds out what an ordinary user may map: what the files in /etc
// give them, if the helpers that write it can be used. Other sources that
// nsswitch.conf(5) may name for subid are not asked.
func probeGrants(uid uint32) (uids, gids Grant) {
	name := userName(uid)
	return probeGrant("newuidmap", "/etc/subuid", name, uid), probeGrant("newgidmap", "/etc/subgid", name, uid)
}

// userName asks the file and, for accounts that are kept elsewhere, getent(1).
func userName(uid uint32) string {
	text, _ := os.ReadFile("/etc/passwd")
	if name := parseName(string(text), uid); name != "" {
		return name
	}
	text, _ = exec.Command("getent", "passwd", strconv.FormatUint(uint64(uid), 10)).Output()
	return parseName(string(text), uid)
}

func probeGrant(helper, file, name string, uid uint32) Grant {
	text, _ := os.ReadFile(file)
	g := Grant{Ranges: parseGrant(string(text), name, uid)}
	switch path, err := findHelper(helper); {
	case g.Ranges == nil:
		g.Lack = fmt.Sprintf("%s gives uid %d none", file, uid)
	case err != nil:
		g.Lack = err.Error()
	case name == "":
		g.Lack = fmt.Sprintf("uid %d has no name, and %s wants one", uid, helper)
	default:
		g.Helper = path
	}
	return g
}

// findHelper finds a program that is to run with privileges we do not have, and
// verifies that it would get them.
func findHelper(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed (Debian: package uidmap)", name)
	}
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return "", fmt.Errorf("stat %s: %w", path, err)
	}
	_, noCaps := unix.Getxattr(path, "security.capability", nil)
	if (st.Mode&unix.S_ISUID == 0 || st.Uid != 0) && noCaps != nil {
		return "", fmt.Errorf("%s is neither set-user-ID root nor has file capabilities", path)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err == nil && fs.Flags&unix.ST_NOSUID != 0 {
		return "", fmt.Errorf("%s is on a file system mounted nosuid", path)
	}
	if set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err == nil && set == 1 {
		return "", fmt.Errorf("no_new_privs is set, so %s has no effect", path)
	}
	return path, nil
}

// helperMap has newuidmap(1) or newgidmap(1) write a map that takes more rights
// than ours. The helper checks it against /etc/subuid or /etc/subgid again, and
// that the process is ours.
type helperMap struct {
	note
	child  *Child
	helper string
	lines  []specs.LinuxIDMapping
}

func (m *helperMap) Do() error {
	if !m.child.waiting {
		return errors.New("no process is waiting")
	}
	// The number is the process's as long as nobody has waited for it.
	args := []string{strconv.Itoa(m.child.Pid)}
	for _, l := range m.lines {
		for _, n := range []uint32{l.ContainerID, l.HostID, l.Size} {
			args = append(args, strconv.FormatUint(uint64(n), 10))
		}
	}
	cmd := exec.Command(m.helper, args...)
	cmd.Env = []string{}
	out, err := cmd.CombinedOutput()
	if text := strings.TrimSpace(string(out)); err != nil && text != "" {
		return fmt.Errorf("%s (%w)", text, err)
	}
	return err
}

func (m *helperMap) String() string {
	return filepath.Base(m.helper) + " init: " + mapShown(mapText(m.lines))
}

// Shell calls the helper as Do does: $pid is the process that waits.
func (m *helperMap) Shell() string {
	words := []string{quote(m.helper), `"$pid"`}
	for _, l := range m.lines {
		words = append(words, fmt.Sprintf("%d %d %d", l.ContainerID, l.HostID, l.Size))
	}
	return strings.Join(words, " ")
}
