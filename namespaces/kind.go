package namespaces

import (
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// set is a set of namespace types: the CLONE_NEW… bits of clone(2).
type set uint64

const (
	newTime   set = 0x80
	newMount  set = 0x20000
	newCgroup set = 0x2000000
	newUTS    set = 0x4000000
	newIPC    set = 0x8000000
	newUser   set = 0x10000000
	newPID    set = 0x20000000
	newNet    set = 0x40000000
)

// kind is one type of namespace under the names of those who know it.
type kind struct {
	bit    set
	typ    specs.LinuxNamespaceType
	flag   string // of clone(2)
	file   string // below /proc/PID/ns, see namespaces(7)
	option string // of unshare(1) and nsenter(1)
}

// kinds is every type there is, in the order in which lists show them.
var kinds = [...]kind{
	{newUser, specs.UserNamespace, "CLONE_NEWUSER", "user", "--user"},
	{newPID, specs.PIDNamespace, "CLONE_NEWPID", "pid", "--pid"},
	{newMount, specs.MountNamespace, "CLONE_NEWNS", "mnt", "--mount"},
	{newUTS, specs.UTSNamespace, "CLONE_NEWUTS", "uts", "--uts"},
	{newIPC, specs.IPCNamespace, "CLONE_NEWIPC", "ipc", "--ipc"},
	{newNet, specs.NetworkNamespace, "CLONE_NEWNET", "net", "--net"},
	{newCgroup, specs.CgroupNamespace, "CLONE_NEWCGROUP", "cgroup", "--cgroup"},
	{newTime, specs.TimeNamespace, "CLONE_NEWTIME", "time", "--time"},
}

// kindOf finds a type by the spec's name for it.
func kindOf(t specs.LinuxNamespaceType) (kind, bool) {
	for _, k := range kinds {
		if k.typ == t {
			return k, true
		}
	}
	return kind{}, false
}

// kinds lists the members of s.
func (s set) kinds() []kind {
	var list []kind
	for _, k := range kinds {
		if s&k.bit != 0 {
			list = append(list, k)
		}
	}
	return list
}

// words joins one word for each member.
func (s set) words(sep string, word func(kind) string) string {
	var list []string
	for _, k := range s.kinds() {
		list = append(list, word(k))
	}
	return strings.Join(list, sep)
}

// String is the set as strace shows it.
func (s set) String() string {
	return s.words("|", func(k kind) string { return k.flag })
}
