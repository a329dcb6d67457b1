package cgroups

import (
	"path"
	"strings"
)

// leafName is the child of its own cgroup into which mini moves when it is in
// the way of enabling controllers there.
const leafName = "mini.leaf"

// cleanPath makes the cgroup's path from the root of the mount, "/mini/abc",
// of linux.cgroupsPath. The specification leaves the place of a relative path
// to us: it is below base. (runc takes the parent of its own cgroup, which is
// not always its to use.)
func cleanPath(p, base string) (string, error) {
	const field = "/linux/cgroupsPath"
	switch {
	case p == "":
		return "", refuse(field, "empty path")
	case !strings.HasPrefix(p, "/") && strings.Count(p, ":") == 2:
		return "", refuse(field, "%q is the form slice:prefix:name of systemd's driver, which --systemd-cgroup asks for; without it give a path such as /mini/name", p)
	case strings.ContainsAny(p, "\x00\n"):
		return "", refuse(field, "%q has a newline or NUL in it", p)
	}
	for name := range strings.SplitSeq(p, "/") {
		if name == ".." {
			return "", refuse(field, "%q has .. in it", p)
		}
		if len(name) > 255 {
			return "", refuse(field, "%.20q… is longer than 255 bytes", name)
		}
	}
	if !strings.HasPrefix(p, "/") {
		if path.Clean(p) == "." {
			return "", refuse(field, "%q names no cgroup of its own", p)
		}
		p = path.Join("/", base, p)
	}
	if p = path.Clean(p); p == "/" {
		return "", refuse(field, "the root cgroup cannot be a container's")
	}
	return p, nil
}

// below tells whether at is inside, not equal to, base.
func below(base, at string) bool {
	return base != "" && at != base && strings.HasPrefix(at, strings.TrimSuffix(base, "/")+"/")
}

// between lists the directories from base to the parent of at, top first.
func between(base, at string) []string {
	if !below(base, at) {
		return nil
	}
	dirs := []string{base}
	rest := strings.Split(strings.Trim(strings.TrimPrefix(at, base), "/"), "/")
	for _, name := range rest[:len(rest)-1] {
		dirs = append(dirs, path.Join(dirs[len(dirs)-1], name))
	}
	return dirs
}
