package namespaces

import (
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Config is the part of an OCI configuration that is about namespaces.
type Config struct {
	// Namespaces are made new, or joined where they have a path.
	Namespaces []specs.LinuxNamespace
	// UIDMappings and GIDMappings are the lines of uid_map and gid_map
	// (user_namespaces(7)); needed by a new user namespace, refused otherwise.
	UIDMappings, GIDMappings []specs.LinuxIDMapping
	// TimeOffsets are keyed "monotonic" and "boottime" (time_namespaces(7)).
	TimeOffsets map[string]specs.LinuxTimeOffset
	// Hostname and Domainname are left alone if empty.
	Hostname, Domainname string
	// Sysctl has keys in either spelling of sysctl.d(5).
	Sysctl map[string]string
	// NetDevices are devices of our own network namespace, by their names here,
	// to be moved into that of the container.
	NetDevices map[string]specs.LinuxNetDevice
	// Cgroup says that the process is to be born in Child.Cgroup, which is
	// known to the plan only when it is carried out.
	Cgroup bool
}

// Facts is what a plan must know of the host and of who asks. The zero value is
// an ordinary user with uid 0 on a kernel with every namespace type.
type Facts struct {
	// Privileged is true if the caller may write any id map: it has
	// CAP_SETUID, CAP_SETGID and CAP_SYS_ADMIN in its user namespace.
	Privileged bool
	// UID and GID are the effective ids of the caller: the only ones that an
	// unprivileged caller can map without help.
	UID, GID uint32
	// UIDs and GIDs are what such a caller can map with help.
	UIDs, GIDs Grant
	// Missing are the namespace types this kernel was built without.
	Missing []specs.LinuxNamespaceType
}

// Steps are the lists of Plan, each to be done in order.
type Steps struct {
	// Spawn is done by the parent. The first op sets Child.Pid, the last lets
	// the process go on into its program; what must be done to the process
	// before that belongs in between or, where the id maps need not be known,
	// after.
	Spawn []Op
	// Devices is done by the parent after Spawn: network devices are moved.
	Devices []Op
	// Inside is done by the started program itself, once it is in its new
	// root: host name, domain name, lo up, sysctls.
	Inside []Op
}

// FieldError is an error in, or because of, one setting.
type FieldError struct {
	Field string // JSON pointer (RFC 6901) into config.json
	Err   error
}

func (e *FieldError) Error() string   { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error   { return e.Err }
func (e *FieldError) Pointer() string { return e.Field }

// escape makes a key a token of a JSON pointer.
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}
