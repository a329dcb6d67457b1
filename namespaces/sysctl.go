package namespaces

import (
	"errors"
	"fmt"
	"strings"

	"mini/namespaces/calls"
)

// ipcKeys are the files of /proc/sys/kernel that each ipc namespace has for
// itself, see ipc_namespaces(7).
var ipcKeys = [...]string{
	"msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced",
}

// sysctlPath turns a key into a path below /proc/sys. As in sysctl.d(5) the
// first separator decides: after a slash the rest is as it stands, after a dot
// dots and slashes change places (net.ipv4.conf.eth0/1.forwarding).
func sysctlPath(key string) (string, error) {
	p := key
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '.' {
		p = strings.NewReplacer(".", "/", "/", ".").Replace(key)
	}
	if strings.Contains(p, "\x00") {
		return "", errors.New("contains a zero byte")
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == "" || part == "." || part == ".." {
			return "", fmt.Errorf("%q is no part of a path below /proc/sys", part)
		}
	}
	return p, nil
}

// sysctlOwner is the namespace type that has the file at path for itself, or 0
// for what all processes of the machine share.
func sysctlOwner(path string) set {
	dir, rest, _ := strings.Cut(path, "/")
	switch {
	case dir == "net" && rest != "":
		return newNet
	case dir == "user" && rest != "":
		return newUser
	case path == "kernel/domainname":
		return newUTS
	case strings.HasPrefix(path, "fs/mqueue/"):
		return newIPC
	}
	for _, k := range ipcKeys {
		if path == "kernel/"+k {
			return newIPC
		}
	}
	return 0
}

// checkSysctls validates linux.sysctl: only what a namespace of the container's
// own keeps from the host is let through.
func checkSysctls(c Config, ns *choice) error {
	var errs []error
	seen := map[string]string{}
	for _, key := range sortedKeys(c.Sysctl) {
		field := "/linux/sysctl/" + escape(key)
		path, err := sysctlPath(key)
		if err == nil && seen[path] != "" {
			err = fmt.Errorf("is the same setting as %s", seen[path])
		}
		if err == nil {
			err = checkSysctl(path, field, c, ns)
		}
		if err != nil {
			errs = append(errs, &FieldError{field, err})
		}
		seen[path] = field
	}
	return errors.Join(errs...)
}

func checkSysctl(path, field string, c Config, ns *choice) error {
	owner := sysctlOwner(path)
	switch {
	case path == "kernel/hostname":
		return errors.New("use /hostname for it")
	case path == "kernel/domainname" && c.Domainname != "":
		return errors.New("/domainname sets it already: leave one of them out")
	case owner == 0:
		return errors.New("would change the whole host: the kernel has this setting only once")
	case !ns.has(owner):
		k := owner.kinds()[0]
		return fmt.Errorf(`would change the host: add {"type":%q} to /linux/namespaces`, k.typ)
	}
	ns.keep(owner, field)
	return nil
}

// sysctlOps write the settings, in the order of their keys.
func sysctlOps(c Config) []Op {
	var ops []Op
	for _, key := range sortedKeys(c.Sysctl) {
		path, err := sysctlPath(key)
		if err != nil {
			continue // refused by checkSysctls
		}
		ops = append(ops, &sysctl{
			note:  note{"/linux/sysctl/" + escape(key), "Sets a kernel parameter which this namespace has for itself (proc_sys(5), namespaces(7))"},
			path:  path,
			value: c.Sysctl[key],
		})
	}
	return ops
}

// sysctl writes one file below /proc/sys.
type sysctl struct {
	note
	path, value string
}

func (s *sysctl) Calls(l *calls.List) { writeSysctl(l, s.path, s.value) }
func (s *sysctl) Do() error           { return calls.Do(s) }
func (s *sysctl) String() string      { return fmt.Sprintf("write /proc/sys/%s: %s", s.path, s.value) }
func (s *sysctl) Shell() string {
	return fmt.Sprintf("printf '%%s\\n' %s >%s", quote(s.value), quote("/proc/sys/"+s.path))
}
