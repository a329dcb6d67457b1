package process

// KnownMemoryPolicies are the modes and flags of /linux/memoryPolicy that are
// understood.
func KnownMemoryPolicies() (modes, flags []string) {
	for _, m := range memoryModes {
		modes = append(modes, string(m.name))
	}
	for _, f := range memoryFlags {
		flags = append(flags, string(f.name))
	}
	return modes, flags
}
