package rootfs

// Facts is what the plan must know of the machine.
type Facts struct {
	// Privileged: CAP_SYS_ADMIN in the initial user namespace. Without it the
	// parent can open nothing for init, and no mount can be idmapped.
	Privileged bool

	SELinux bool // the kernel runs with it

	LowerdirPlus   bool // overlay layers are added one by one
	IdmappedLayers bool // overlay accepts idmapped mounts as layers
}

// release is a kernel version, as far as features depend on it.
type release struct{ major, minor int }

func (r release) atLeast(o release) bool {
	return r.major > o.major || r.major == o.major && r.minor >= o.minor
}

// features says since when the kernel has what the plan can do without.
var features = []struct {
	since release
	fact  func(*Facts) *bool
}{
	{release{5, 19}, func(f *Facts) *bool { return &f.IdmappedLayers }},
	{release{6, 8}, func(f *Facts) *bool { return &f.LowerdirPlus }},
}

// factsOf fills in what follows from the kernel's release alone.
func factsOf(r release) Facts {
	var f Facts
	for _, feature := range features {
		*feature.fact(&f) = r.atLeast(feature.since)
	}
	return f
}

// parseRelease reads the two numbers that begin a kernel release such as
// "6.12.38+deb13-amd64".
func parseRelease(s string) release {
	var r release
	for i, n := range []*int{&r.major, &r.minor} {
		if i > 0 {
			if s == "" || s[0] != '.' {
				return r
			}
			s = s[1:]
		}
		for s != "" && '0' <= s[0] && s[0] <= '9' && *n < 1<<20 {
			*n = *n*10 + int(s[0]-'0')
			s = s[1:]
		}
	}
	return r
}
