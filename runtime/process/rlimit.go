package process

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// rlimitNames are the resources of getrlimit(2) by the number of the kernel's
// generic table (include/uapi/asm-generic/resource.h).
var rlimitNames = [...]string{
	"CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE",
	"MEMLOCK", "AS", "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME",
}

// rlimitNumber finds a resource by the spec's name, such as RLIMIT_NOFILE.
func rlimitNumber(name string) (int, bool) {
	short, ok := strings.CutPrefix(name, "RLIMIT_")
	if !ok {
		return 0, false
	}
	for i, n := range rlimitNames {
		if n == short {
			return i, true
		}
	}
	return 0, false
}

// rlimit is one resource limit.
type rlimit struct {
	resource   int
	soft, hard uint64
	field      string
}

func (l rlimit) name() string { return rlimitNames[l.resource] }

// value is soft:hard, with the word for no limit.
func (l rlimit) value() string { return limitText(l.soft) + ":" + limitText(l.hard) }

func limitText(n uint64) string {
	if n == unix.RLIM_INFINITY {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}

// planRlimits checks and translates /process/rlimits.
func planRlimits(list []specs.POSIXRlimit) ([]rlimit, error) {
	var limits []rlimit
	seen := map[int]string{}
	for i, r := range list {
		field := fmt.Sprintf("/process/rlimits/%d", i)
		n, ok := rlimitNumber(r.Type)
		if !ok {
			return nil, refuse(field+"/type", "unknown resource %q", r.Type)
		}
		if first, dup := seen[n]; dup {
			return nil, refuse(field+"/type", "%s is set already at %s", r.Type, first)
		}
		if r.Soft > r.Hard {
			return nil, refuse(field+"/soft", "%s: soft limit %d is above the hard limit %d", r.Type, r.Soft, r.Hard)
		}
		seen[n] = field
		limits = append(limits, rlimit{n, r.Soft, r.Hard, field})
	}
	return limits, nil
}
