package process

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Caps is a set of capabilities: bit n is capability number n of capabilities(7).
type Caps uint64

// capNames are the names after "CAP_", lowercase, in the order of the kernel's
// numbers (include/uapi/linux/capability.h).
var capNames = [...]string{
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill",
	"setgid", "setuid", "setpcap", "linux_immutable", "net_bind_service",
	"net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
	"sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
	"sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time",
	"sys_tty_config", "mknod", "lease", "audit_write", "audit_control",
	"setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm",
	"block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
}

// KnownCaps are the names of all capabilities mini knows, as the spec writes
// them, in the order of their numbers.
func KnownCaps() []string {
	names := make([]string, len(capNames))
	for i, n := range capNames {
		names[i] = "CAP_" + strings.ToUpper(n)
	}
	return names
}

// capNumber finds a capability by the spec's name, such as CAP_CHOWN.
func capNumber(name string) (int, bool) {
	short, ok := strings.CutPrefix(name, "CAP_")
	if !ok || short != strings.ToUpper(short) {
		return 0, false
	}
	for i, n := range capNames {
		if strings.EqualFold(n, short) {
			return i, true
		}
	}
	return 0, false
}

func (c Caps) has(n int) bool { return c>>n&1 == 1 }

// upTo is the set of capabilities 0 to last.
func upTo(last int) Caps { return Caps(1)<<(last+1) - 1 }

// names lists the set as setpriv(1) and the kernel's own documents do.
func (c Caps) names() []string {
	var list []string
	for rest := uint64(c); rest != 0; rest &= rest - 1 {
		n := bits.TrailingZeros64(rest)
		if n < len(capNames) {
			list = append(list, capNames[n])
		} else {
			list = append(list, fmt.Sprintf("cap_%d", n))
		}
	}
	return list
}

// String is {chown,kill}, {} for the empty set.
func (c Caps) String() string { return "{" + strings.Join(c.names(), ",") + "}" }

// capSets are the five sets of a thread (capabilities(7), "Thread capability sets").
type capSets struct{ bounding, effective, permitted, inheritable, ambient Caps }

// capLimits is what can be granted at all.
type capLimits struct {
	last      int  // highest capability of this kernel
	available Caps // the bounding set init is born with
}

// planCaps reads the five sets. What the kernel does not have, cannot grant, or
// would refuse for lack of another set is left out with a warning: the spec
// wants a container to start without a capability rather than not at all.
// No capabilities object at all means none, as in runc and crun.
func planCaps(c *specs.LinuxCapabilities, l capLimits) (capSets, []Warning) {
	if c == nil {
		c = &specs.LinuxCapabilities{}
	}
	w := capReader{limits: l}
	s := capSets{
		bounding:    w.read("bounding", c.Bounding),
		permitted:   w.read("permitted", c.Permitted),
		effective:   w.read("effective", c.Effective),
		inheritable: w.read("inheritable", c.Inheritable),
		ambient:     w.read("ambient", c.Ambient),
	}
	s.effective = w.within("effective", s.effective, s.permitted, "permitted")
	s.inheritable = w.within("inheritable", s.inheritable, s.bounding, "bounding")
	s.ambient = w.within("ambient", s.ambient, s.permitted, "permitted")
	s.ambient = w.within("ambient", s.ambient, s.inheritable, "inheritable")
	return s, w.warnings
}

type capReader struct {
	limits   capLimits
	warnings []Warning
}

func (r *capReader) warn(set, format string, args ...any) {
	r.warnings = append(r.warnings, Warning{capField(set), fmt.Sprintf(format, args...)})
}

func capField(set string) string { return "/process/capabilities/" + set }

// read turns names into a set, less those unknown or not to be had.
func (r *capReader) read(set string, names []string) Caps {
	var caps Caps
	for _, name := range names {
		switch n, ok := capNumber(name); {
		case !ok:
			r.warn(set, "unknown capability %q", name)
		case n > r.limits.last:
			r.warn(set, "%s is newer than this kernel", name)
		case !r.limits.available.has(n):
			r.warn(set, "%s cannot be granted: mini does not have it itself", name)
		default:
			caps |= 1 << n
		}
	}
	return caps
}

// within leaves out what the kernel would refuse because it is not in outer.
func (r *capReader) within(set string, caps, outer Caps, outerName string) Caps {
	if extra := caps &^ outer; extra != 0 {
		r.warn(set, "%v left out: not in the %s set", extra, outerName)
	}
	return caps & outer
}
