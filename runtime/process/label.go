package process

import "strings"

// labels plans what the security module of the kernel is to make of the
// program. Both kinds of label take effect at execve.
func (p *planner) labels() error {
	if profile := p.config.Process.ApparmorProfile; profile != "" {
		const field = "/process/apparmorProfile"
		switch {
		case !p.facts.AppArmor:
			return refuse(field, "this kernel has AppArmor not enabled (/sys/module/apparmor/parameters/enabled): leave it out, or boot with apparmor=1 security=apparmor")
		case strings.ContainsAny(profile, "\x00\n"):
			return refuse(field, "%q has a NUL or newline in it", profile)
		}
		p.last(setLabel{note{field, "the program runs under this AppArmor profile from execve on (aa_change_onexec(2))"},
			[]string{"apparmor/exec", "exec"}, "exec " + profile})
	}
	if label := p.config.Process.SelinuxLabel; label != "" {
		if err := p.checkSELinux(label); err != nil {
			return err
		}
		p.last(setLabel{note{seLinuxField, "the program runs in this SELinux context from execve on (setexeccon(3))"}, []string{"exec"}, label})
	}
	return nil
}

const seLinuxField = "/process/selinuxLabel"

func (p *planner) checkSELinux(label string) error {
	switch {
	case !p.facts.SELinux:
		return refuse(seLinuxField, "this kernel has SELinux not enabled (/sys/fs/selinux): leave it out, or boot with selinux=1 security=selinux")
	case strings.ContainsAny(label, "\x00\n"):
		return refuse(seLinuxField, "%q has a NUL or newline in it", label)
	}
	return nil
}
