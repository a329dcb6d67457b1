package main

import (
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// field is a line of /proc/self/status (proc_pid_status(5)).
func field(name string) string {
	text, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut("\n"+string(text), "\n"+name+":\t")
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

// status is what the kernel says of our own process.
func status() {
	for _, set := range []string{"CapBnd", "CapEff", "CapInh", "CapAmb"} {
		n, _ := strconv.ParseUint(field(set), 16, 64)
		answer("capabilities, "+map[string]string{
			"CapBnd": "bounding", "CapEff": "effective", "CapInh": "inheritable", "CapAmb": "ambient"}[set], "%d", bits.OnesCount64(n))
	}
	answer("no_new_privs", "%s", map[string]string{"1": "yes", "0": "no"}[field("NoNewPrivs")])
	answer("root inside is, on the host", "%s", rootOutside())
	answer("own cgroup namespace", "%s", yes(cgroupRoot()))
	answer("AppArmor", "%s", confinement())
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// rootOutside is the host's number of uid 0 (user_namespaces(7)).
func rootOutside() string {
	text, _ := os.ReadFile("/proc/self/uid_map")
	f := strings.Fields(string(text))
	switch {
	case len(f) < 3:
		return "unknown"
	case f[1] == "0":
		return "root: no user namespace"
	case len(f[1]) > 4:
		return "a user of its own: user namespace"
	}
	return f[1] + ": user namespace"
}

func cgroupRoot() bool {
	text, _ := os.ReadFile("/proc/self/cgroup")
	return strings.TrimSpace(string(text)) == "0::/" || strings.HasSuffix(strings.TrimSpace(string(text)), "0::/")
}

func confinement() string {
	text, err := os.ReadFile("/proc/self/attr/current")
	if err != nil || len(text) == 0 {
		return "none"
	}
	return strings.Trim(string(text), "\n\x00")
}

// namespaces compares those of a process with ours.
func namespaces(pid int) {
	var own, shared []string
	for _, name := range []string{"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"} {
		theirs, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "ns", name))
		ours, _ := os.Readlink("/proc/self/ns/" + name)
		if err == nil && theirs != ours {
			own = append(own, name)
		} else {
			shared = append(shared, name)
		}
	}
	answer("namespaces of its own", "%s", strings.Join(own, " "))
	answer("namespaces of the host", "%s", strings.Join(shared, " "))
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid))
	answer("oom_score_adj", "%s", strings.TrimSpace(string(text)))
}
