package cgroups

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// # Systemd of an ordinary user
//
// Each user has a systemd of their own, which is in a cgroup that was delegated
// to it and makes scopes there. A process may be born in, or move to, another
// cgroup only if the user may write to the one above both (cgroups(7),
// "Delegation containment"), and a login session is outside. So mini first has
// systemd put mini itself into a scope beside the container's; systemd asks the
// system's, which may.

// hostUID is who we are outside of our user namespace, as the bus sees us: in
// rootless podman we are root inside.
func hostUID() int {
	uid := os.Geteuid()
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return uid
	}
	for line := range strings.Lines(string(text)) {
		var inside, outside, n int
		if _, err := fmt.Sscan(line, &inside, &outside, &n); err == nil && uid >= inside && uid-inside < n {
			return outside + uid - inside
		}
	}
	return uid
}

// probeUser finds the user's systemd, if there is one.
func (f *Facts) probeUser() {
	uid := strconv.Itoa(hostUID())
	at := "/user.slice/user-" + uid + ".slice/user@" + uid + ".service"
	text, err := os.ReadFile(path.Join(f.Mountpoint, at, "cgroup.controllers"))
	if err != nil {
		return
	}
	f.User, f.UserControllers = at, strings.Fields(string(text))
}

// userSockets are where the user's systemd is found, by the bus or directly.
func userSockets(uid int) (bus, direct string) {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if !filepath.IsAbs(dir) {
		dir = "/run/user/" + strconv.Itoa(uid)
	}
	return path.Join(dir, "bus"), path.Join(dir, "systemd/private")
}

// moveUs has the user's systemd put this process into a scope.
type moveUs struct{ note }

func (o *moveUs) Do() error      { return MoveToUser() }
func (o *moveUs) String() string { return "systemd: start a scope of the user's for mini itself" }
func (o *moveUs) Shell() string  { return "" }

// MoveToUser puts this process into a scope of the user's systemd, so that what
// it starts can be born in others there. The scope ends with the process.
func MoveToUser() error {
	pid := os.Getpid()
	name := "mini-process-" + strconv.Itoa(pid) + ".scope"
	err := startUnit(name, []property{
		{"Description", "mini, process " + strconv.Itoa(pid)},
		{"CollectMode", "inactive-or-failed"},
		{"PIDs", []uint32{uint32(pid)}},
	})
	if errors.Is(err, unix.EEXIST) { // we are in it already
		return nil
	}
	return err
}
