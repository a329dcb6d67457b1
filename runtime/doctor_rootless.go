package runtime

import (
	"fmt"

	"mini/cgroups"
	"mini/namespaces"
)

// ordinary is what decides how far an ordinary user gets.
func ordinary(f Facts) []Check {
	ns := f.Namespaces
	return []Check{
		granted("user ids", "/etc/subuid", ns.UID, ns.UIDs, ns.Privileged),
		granted("group ids", "/etc/subgid", ns.GID, ns.GIDs, ns.Privileged),
		delegated(f.Cgroups),
	}
}

// granted tells which ids a container can have.
func granted(name, file string, own uint32, g namespaces.Grant, any bool) Check {
	switch {
	case any:
		return Check{name, ok, "all of this user namespace", ""}
	case g.Helper == "":
		c := Check{name, limited, fmt.Sprintf("containers have one, root, which is %d here: %s", own, g.Lack), ""}
		if len(g.Ranges) == 0 {
			c.Fix = "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER"
		}
		return c
	}
	count := uint64(1)
	text := fmt.Sprintf("%d", own)
	for _, r := range g.Ranges {
		count += uint64(r.Count)
		text += fmt.Sprintf(", %s", r)
	}
	return Check{name, ok, fmt.Sprintf("containers can have %d: %s, by %s and %s", count, text, file, g.Helper), ""}
}

// delegated tells whether limits can be set.
func delegated(f cgroups.Facts) Check {
	c := Check{Name: "delegated cgroup", Verdict: ok, Text: f.Mountpoint + f.Base}
	if f.Base == "" {
		c.Verdict, c.Text = limited, "none: containers run, without limits"
		c.Fix = "systemd-run --user --scope -p Delegate=yes mini run …"
	}
	return c
}
