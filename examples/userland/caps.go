package main

import (
	"os"
	"strconv"
	"strings"
)

// capabilities by number, from linux/capability.h.
const capabilities = "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable " +
	"net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace " +
	"sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control " +
	"setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"

// caps prints what proc_pid_status(5) says of the privileges of this process.
func caps(c *call) error {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	s := statusFields(string(text))
	for _, set := range []struct{ field, name string }{
		{"CapInh", "inheritable"}, {"CapPrm", "permitted"}, {"CapEff", "effective"}, {"CapBnd", "bounding"}, {"CapAmb", "ambient"},
	} {
		c.printf("%-12s %s\n", set.name, capSet(s[set.field]))
	}
	c.printf("%-12s %s\n", "no_new_privs", map[string]string{"0": "no", "1": "yes"}[s["NoNewPrivs"]])
	c.printf("%-12s %s\n", "seccomp", map[string]string{"0": "off", "1": "strict", "2": "filter"}[s["Seccomp"]])
	return nil
}

// capSet names the bits of a hexadecimal set.
func capSet(hex string) string {
	bits, err := strconv.ParseUint(hex, 16, 64)
	if err != nil {
		return "unknown"
	}
	var set []string
	known := strings.Fields(capabilities)
	for i := range 64 {
		switch {
		case bits&(1<<i) == 0:
		case i < len(known):
			set = append(set, known[i])
		default:
			set = append(set, "cap_"+strconv.Itoa(i))
		}
	}
	if len(set) == 0 {
		return "none"
	}
	if len(set) == len(known) {
		return "all"
	}
	return strings.Join(set, " ")
}
