package bundle

import specs "github.com/opencontainers/runtime-spec/specs-go"

// capabilities is what programs need that start as root, make their files
// theirs, take a low port and step down to a user of their own: package
// managers, nginx, redis, postgres. All of it holds only in the container's user
// namespace (user_namespaces(7)).
//
// Docker's list has six more. Left out, and what misses them:
//
//	AUDIT_WRITE  sshd and su logging to the host's audit
//	MKNOD        nothing: a user namespace forbids it anyway
//	NET_RAW      ping by raw socket, packet sniffers; spoofing in shared networks
//	SETFCAP      setcap: file capabilities gain nothing under no_new_privs
//	SETPCAP      programs that shrink their own bounding set
//	SYS_CHROOT   sshd, postfix and others that chroot themselves
func capabilities() *specs.LinuxCapabilities {
	keep := func() []string { // one slice each: a caller may change one set alone
		return []string{
			"CAP_CHOWN",            // give files to the service's user
			"CAP_DAC_OVERRIDE",     // root may use files of other users, as every script expects
			"CAP_FOWNER",           // chmod, utime and the sticky bit on files of others: dpkg, tar
			"CAP_FSETID",           // keep set-id bits when a file is changed: dpkg, tar
			"CAP_KILL",             // an init stops services that changed their user
			"CAP_NET_BIND_SERVICE", // ports below 1024
			"CAP_SETGID",           // step down: setgroups, setgid
			"CAP_SETUID",           // step down: setuid
		}
	}
	return &specs.LinuxCapabilities{Bounding: keep(), Effective: keep(), Permitted: keep()}
}

// rlimits sets the kernel's own default for open files (INR_OPEN_CUR and
// INR_OPEN_MAX of linux/fs.h), whatever the caller's limit is, but never more:
// to raise the hard limit takes CAP_SYS_RESOURCE, which not even every root has.
func rlimits(o Options) []specs.POSIXRlimit {
	var soft, hard uint64 = 1024, 4096
	if o.MaxFiles > 0 {
		hard = min(hard, o.MaxFiles)
	}
	return []specs.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: min(soft, hard), Hard: hard}}
}

// masked is what tells of, or acts on, the host as a whole: the union of docker's
// and podman's lists. Of these interrupts and powercap are side channels
// (CVE-2020-8694; thermal, GHSA-6fw5-f8r9-fgfm).
func masked() []string {
	return []string{
		"/proc/acpi",
		"/proc/asound",
		"/proc/interrupts",
		"/proc/kcore",
		"/proc/keys",
		"/proc/latency_stats",
		"/proc/sched_debug",
		"/proc/scsi",
		"/proc/timer_list",
		"/proc/timer_stats",
		"/sys/devices/virtual/powercap",
		"/sys/firmware",
		"/sys/fs/selinux",
	}
}

// readonly is what has a use in a container but must not be written: most of it
// belongs to no namespace.
func readonly() []string {
	return []string{
		"/proc/bus",
		"/proc/fs",
		"/proc/irq",
		"/proc/sys",
		"/proc/sysrq-trigger",
	}
}
