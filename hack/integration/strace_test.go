package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// A rule turns each match of a pattern into an event: what was planned and what
// the kernel was asked for are brought to the same words, then compared.
type rule struct{ pattern, event string }

// planRules read the text of a plan's steps.
var planRules = []rule{
	{`\b(CLONE_NEW\w+)`, "namespace $1"},
	{`^(?:mount|bind) .* on (/\S*)`, "attach $1"},
	{`^(?:readonly|mask) (/\S*)`, "attach $1"},
	{`^mount \S+ as scratch space|^attach .* as the new root`, "attach /"},
	{`^attach layer `, "attach layer"},
	{`^open_tree .*\bidmapped`, "idmap"},
	{`^propagation of / `, "propagation"},
	{`^pivot_root`, "pivot_root"},
	{`^umount `, "umount"},
	{`^sethostname "?([^"]*)"?$`, "sethostname $1"},
	{`^setdomainname "?([^"]*)"?$`, "setdomainname $1"},
	{`^write (?:\S*/)?(uid_map|gid_map|setgroups|timens_offsets): (.*)$`, "write $1: $2"},
	{`^write /proc/sys/(\S+): (.*)$`, "write sys/$1: $2"},
	{`^mkdir /sys/fs/cgroup(/\S+)$`, "mkdir $1"},
	{`^mkdir (/mini/\S+)$`, "mkdir $1"},
	{`^write (\S+(?: \S+)*) > ([a-z]+\.[a-z0-9.]+)`, "cgroup $2: $1"},
	{`^enable (.*) in `, "cgroup cgroup.subtree_control: $1"},
}

// traceRules read lines of strace -y. Only calls that succeeded are there.
var traceRules = []rule{
	{`^(?:clone3?|unshare)\(.*?\b(CLONE_NEW\w+)`, "namespace $1"}, // one by one, see events
	{`^move_mount\(.*, (?:AT_FDCWD(?:<[^>]*>)?, "|\d+<)(/[^">]*)(?:", |>, "", )`, "attach $1"},
	{`^move_mount\(.*, \d+</>, "l\d+"`, "attach layer"},
	{`^move_mount\(.*, \d+<(/[^>]+)>, "([^"]+)"`, "attach $1/$2"},
	{`^mount_setattr\(.*MOUNT_ATTR_IDMAP`, "idmap"},
	{`^mount_setattr\(AT_FDCWD(?:<[^>]*>)?, "/", AT_RECURSIVE.*propagation=MS_(?:SLAVE|PRIVATE)`, "propagation"},
	{`^umount2\(`, "umount"},
	{`^mount\(`, "mount(2), which is never planned"},
	{`^pivot_root\(`, "pivot_root"},
	{`^sethostname\("(.*?)"`, "sethostname $1"},
	{`^setdomainname\("(.*?)"`, "setdomainname $1"},
	{`^p?write(?:64)?\(\d+<[^>]*/(uid_map|gid_map|setgroups|timens_offsets)>, "(.*?)(?:\\n)?"`, "write $1: $2"},
	{`^p?write(?:64)?\(\d+<(?:/proc)?/(sys/(?:kernel|net|user|vm|fs/mqueue)/[^>]*)>, "(.*?)(?:\\n)?"`, "write $1: $2"},
	{`^mkdir(?:at)?\((?:AT_FDCWD(?:<[^>]*>)?, |\d+<[^>]*>, )?"/sys/fs/cgroup(/\S+)"`, "mkdir $1"},
	{`^mkdirat\(\d+</sys/fs/cgroup(/?[^>]*)>, "([^"/]+)"`, "mkdir $1/$2"},
	{`^p?write(?:64)?\(\d+</sys/fs/cgroup/[^>]*/((?:cpu|cpuset|io|memory|pids|hugetlb|rdma|misc)\.[^>/]*)>, "(.*?)(?:\\n)?"`, "cgroup $1: $2"},
	{`^p?write(?:64)?\(\d+</sys/fs/cgroup/[^>]*(cgroup\.(?:subtree_control|type|procs|max\.\w+))>, "(.*?)(?:\\n)?"`, "cgroup $1: $2"},
}

var namespaceFlag = regexp.MustCompile(`CLONE_NEW\w+`)

// events applies rules to lines and sorts what comes out.
func events(rules []rule, lines []string) (found []string) {
	for _, r := range rules {
		re := regexp.MustCompile(r.pattern)
		for _, line := range lines {
			if !re.MatchString(line) {
				continue
			}
			if strings.HasPrefix(r.event, "namespace ") {
				for _, flag := range namespaceFlag.FindAllString(line, -1) {
					found = append(found, "namespace "+flag)
				}
				continue
			}
			match := re.FindStringSubmatchIndex(line)
			found = append(found, string(re.ExpandString(nil, r.event, line, match)))
		}
	}
	slices.Sort(found)
	return found
}

var (
	succeeded = regexp.MustCompile(`\) += \d`)
	traced    = "trace=clone,clone3,unshare,setns,mount,move_mount,fsopen,fsmount,open_tree,mount_setattr," +
		"pivot_root,umount2,sethostname,setdomainname,mkdir,mkdirat,write,pwrite64"
)

// trace runs mini under strace and returns the calls that succeeded. One file a
// process keeps each call on one line.
func (u user) trace(args ...string) (lines []string, r result) {
	u.t.Helper()
	prefix := filepath.Join(u.t.TempDir(), "trace")
	cmd := u.command(args...)
	strace := exec.Command("strace", append([]string{"-ff", "-y", "-v", "-s", "4096", "-e", "signal=none", "-e", traced, "-o", prefix}, cmd.Args...)...)
	r = finish(u.t, strace)
	files, _ := filepath.Glob(prefix + ".*")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			u.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); succeeded.MatchString(line) {
				lines = append(lines, line)
			}
		}
	}
	return lines, r
}

// TestPlanIsWhatHappens compares the plan with the system calls. What the kernel
// was asked for without a step that says so is a failure, and so is a step that
// never happened, but that which covers a path that this kernel does not have:
// the program itself looks for those.
func TestPlanIsWhatHappens(t *testing.T) {
	tests := []struct {
		name   string
		change func(*specs.Spec)
	}{
		{"the default", func(*specs.Spec) {}},
		{"without a user namespace", withoutUserNS},
		{"names and a read-only root", func(s *specs.Spec) {
			s.Hostname, s.Domainname, s.Root.Readonly = "traced", "example.org", true
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u := newUser(t)
			dir := u.bundle(sh(`for p in $PATHS; do [ -e $p ] || echo "attach $p"; done`), test.change, func(s *specs.Spec) {
				covered := append(slices.Clone(s.Linux.MaskedPaths), s.Linux.ReadonlyPaths...)
				s.Process.Env = append(s.Process.Env, "PATHS="+strings.Join(covered, " "))
			})
			var texts []string
			for _, s := range u.plan("--name", "traced", dir) {
				texts = append(texts, s.Text)
			}
			lines, r := u.trace("run", "--name", "traced", dir)
			r.wants(t, 0, r.stdout)
			absent := strings.Split(strings.TrimSpace(r.stdout), "\n")
			for _, difference := range differences(events(planRules, texts), append(absent, events(traceRules, lines)...)) {
				t.Error(difference)
			}
			if t.Failed() {
				t.Logf("plan:\n%s\ntrace:\n%s", strings.Join(texts, "\n"), strings.Join(lines, "\n"))
			}
		})
	}
}

// differences of two lists with repetitions, in words.
func differences(planned, done []string) (found []string) {
	count := map[string]int{}
	for _, e := range planned {
		count[e]++
	}
	for _, e := range done {
		count[e]--
	}
	for e, n := range count {
		switch {
		case n > 0:
			found = append(found, fmt.Sprintf("planned and not done (%d times): %s", n, e))
		case n < 0 && e != "mkdir /mini": // the parent of all, with the first container
			found = append(found, fmt.Sprintf("done and not planned (%d times): %s", -n, e))
		}
	}
	return found
}

// TestEvents holds the rules themselves to what strace 6.1 prints.
func TestEvents(t *testing.T) {
	lines := []string{
		`clone3({flags=CLONE_PIDFD|CLONE_NEWUSER|CLONE_NEWPID, exit_signal=SIGCHLD}, 88) = 12`,
		`unshare(CLONE_NEWNET)                   = 0`,
		`write(7</proc/12/uid_map>, "0 1000 1\n", 9) = 9`,
		`sethostname("box", 3)                   = 0`,
		`mkdirat(4</sys/fs/cgroup/mini>, "x", 0755) = 0`,
		`mkdir("/sys/fs/cgroup/mini/y", 0755)    = 0`,
		`write(5</sys/fs/cgroup/mini/x/pids.max>, "5", 1) = 1`,
		`write(5</sys/fs/cgroup/mini/x/cgroup.kill>, "1", 1) = 1`,
		`write(5</proc/sys/net/ipv4/ip_forward>, "1", 1) = 1`,
		`move_mount(6</>, "", 8</proc>, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH) = 0`,
		`move_mount(6</>, "", 12</dev>, "null", MOVE_MOUNT_F_EMPTY_PATH) = 0`,
		`move_mount(13</>, "", AT_FDCWD</home>, "/", MOVE_MOUNT_F_EMPTY_PATH) = 0`,
		`move_mount(5</>, "", 13</>, "l0", MOVE_MOUNT_F_EMPTY_PATH) = 0`,
		`write(1<pipe:[5]>, "uid_map", 7)        = 7`,
	}
	steps := []string{
		"clone3(CLONE_NEWUSER|CLONE_NEWPID)", "unshare(CLONE_NEWNET), execveat", "write uid_map: 0 1000 1", `sethostname "box"`,
		"mkdir /sys/fs/cgroup/mini/x", "mkdir /sys/fs/cgroup/mini/y", "write 5 > pids.max", "write /proc/sys/net/ipv4/ip_forward: 1",
		"mount proc on /proc (nosuid)", "bind /dev/null on /dev/null", "mount tmpfs as scratch space", "attach layer /x", "chdir /",
	}
	planned, done := events(planRules, steps), events(traceRules, lines)
	if got := differences(planned, done); len(got) > 0 || len(done) != 13 {
		t.Errorf("%d events: %q", len(done), got)
	}
	if len(differences(planned, done[1:])) != 1 || len(differences(planned[1:], done)) != 1 {
		t.Error("a difference was not seen")
	}
}
