package bundle

// table says of every field of the specification (specs-go of runtime-spec 1.3)
// what mini does with it. A line in column 0 is an object, "*" standing for each
// element of an array or key of a map; several in a row share the fields below
// them: name, verdict, and who applies it or what to do instead. "/**" after a
// name: and whatever is in it.
//
// It is text, parsed when someone asks, so that a start pays nothing for it.
const table = `
/
	ociVersion   applied runtime/bundle: 1.x
	process      applied
	root         applied
	hostname     applied namespaces: sethostname
	domainname   applied namespaces: setdomainname
	mounts       applied
	hooks        applied
	annotations  applied runtime: part of the state that hooks get
	linux        applied
	solaris/**   warned  a setting for another system
	windows/**   warned  a setting for another system
	vm/**        refused mini makes no virtual machines; use a runtime that does, such as kata
	zos/**       warned  a setting for another system
	freebsd/**   warned  a setting for another system

/root
	path     applied rootfs
	readonly applied rootfs

/mounts/*
	destination applied rootfs
	type        applied rootfs
	source      applied rootfs: a relative one is below the bundle
	options     applied rootfs
	uidMappings applied rootfs: idmapped mount
	gidMappings applied rootfs: idmapped mount

/mounts/*/uidMappings/*
/mounts/*/gidMappings/*
	containerID applied rootfs
	hostID      applied rootfs
	size        applied rootfs

/process
	terminal        applied runtime/stdio
	consoleSize     applied runtime/stdio
	user            applied
	args            applied runtime/process
	commandLine     warned  a setting for Windows; use args
	env             applied runtime/process
	cwd             applied runtime/process
	capabilities    applied
	rlimits         applied
	noNewPrivileges applied runtime/process
	apparmorProfile applied runtime/process: attr/apparmor/exec
	oomScoreAdj     applied runtime/process
	scheduler       applied
	selinuxLabel    applied runtime/process: attr/exec
	ioPriority      applied
	execCPUAffinity applied

/process/consoleSize
	height applied runtime/stdio
	width  applied runtime/stdio

/process/user
	uid            applied runtime/process
	gid            applied runtime/process
	umask          applied runtime/process
	additionalGids applied runtime/process
	username       warned  a setting for Windows; use uid and gid

/process/capabilities
	bounding    applied runtime/process
	effective   applied runtime/process
	inheritable applied runtime/process
	permitted   applied runtime/process
	ambient     applied runtime/process

/process/rlimits/*
	type applied runtime/process
	hard applied runtime/process
	soft applied runtime/process

/process/scheduler
	policy   applied runtime/process: sched_setattr
	nice     applied runtime/process
	priority applied runtime/process
	flags    applied runtime/process
	runtime  applied runtime/process
	deadline applied runtime/process
	period   applied runtime/process

/process/ioPriority
	class    applied runtime/process: ioprio_set
	priority applied runtime/process

/process/execCPUAffinity
	initial applied runtime: the thread that clones
	final   applied runtime/process: sched_setaffinity

/hooks
	prestart        applied runtime/hooks
	createRuntime   applied runtime/hooks
	createContainer applied runtime/hooks
	startContainer  applied runtime/hooks
	poststart       applied runtime/hooks
	poststop        applied runtime/hooks

/hooks/prestart/*
/hooks/createRuntime/*
/hooks/createContainer/*
/hooks/startContainer/*
/hooks/poststart/*
/hooks/poststop/*
	path    applied runtime/hooks
	args    applied runtime/hooks
	env     applied runtime/hooks
	timeout applied runtime/hooks

/linux
	uidMappings       applied
	gidMappings       applied
	sysctl            applied namespaces: those of the container's own namespaces
	resources         applied
	cgroupsPath       applied cgroups
	namespaces        applied
	devices           applied
	netDevices        applied
	seccomp           applied
	rootfsPropagation applied rootfs
	maskedPaths       applied rootfs
	readonlyPaths     applied rootfs
	mountLabel        applied rootfs: context=
	intelRdt          refused mini does not manage resctrl; make a group in /sys/fs/resctrl and put the container's pid into its tasks file, for instance in a createRuntime hook
	memoryPolicy      applied
	personality       applied
	timeOffsets       applied

/linux/uidMappings/*
/linux/gidMappings/*
	containerID applied namespaces
	hostID      applied namespaces
	size        applied namespaces

/linux/namespaces/*
	type applied namespaces
	path applied namespaces: joined

/linux/devices/*
	path     applied rootfs
	type     applied rootfs
	major    applied rootfs
	minor    applied rootfs
	fileMode applied rootfs
	uid      applied rootfs
	gid      applied rootfs

/linux/netDevices/*
	name applied namespaces: rtnetlink

/linux/timeOffsets/*
	secs     applied namespaces
	nanosecs applied namespaces

/linux/memoryPolicy
	mode  applied runtime/process: set_mempolicy
	nodes applied runtime/process
	flags applied runtime/process

/linux/personality
	domain applied runtime/process
	flags  refused the specification defines no personality flag; leave it out

/linux/intelRdt
	closID           refused mini does not manage resctrl
	schemata         refused mini does not manage resctrl
	l3CacheSchema    refused mini does not manage resctrl
	memBwSchema      refused mini does not manage resctrl
	enableMonitoring refused mini does not manage resctrl

/linux/seccomp
	defaultAction    applied runtime/seccomp
	defaultErrnoRet  applied runtime/seccomp
	architectures    applied runtime/seccomp
	flags            applied runtime/seccomp
	listenerPath     applied runtime/process: connected to, and sent the descriptor
	listenerMetadata applied runtime: part of what the agent is told
	syscalls         applied

/linux/seccomp/syscalls/*
	names    applied runtime/seccomp
	action   applied runtime/seccomp
	errnoRet applied runtime/seccomp
	args     applied

/linux/seccomp/syscalls/*/args/*
	index    applied runtime/seccomp
	value    applied runtime/seccomp
	valueTwo applied runtime/seccomp
	op       applied runtime/seccomp

/linux/resources
	devices        applied
	memory         applied
	cpu            applied
	pids           applied
	blockIO        applied
	hugepageLimits applied
	network        applied
	rdma           applied cgroups: rdma.max
	unified        applied cgroups: each key is a file

/linux/resources/devices/*
	allow  applied cgroups: eBPF
	type   applied cgroups
	major  applied cgroups
	minor  applied cgroups
	access applied cgroups

/linux/resources/memory
	limit             applied cgroups: memory.max
	reservation       applied cgroups: memory.low
	swap              applied cgroups: memory.swap.max, less the limit
	kernel            refused cgroup v2 has no separate limit; limit counts kernel memory too
	kernelTCP         refused cgroup v2 has no separate limit; limit counts socket buffers too
	swappiness        refused cgroup v2 has none; to keep it from swapping set swap to the same value as limit
	disableOOMKiller  refused cgroup v2 cannot switch it off; use memory.high in unified to slow down instead of kill, or oomScoreAdj
	useHierarchy      applied the kernel: always so in cgroup v2
	checkBeforeUpdate applied cgroups

/linux/resources/cpu
	shares          applied cgroups: cpu.weight
	quota           applied cgroups: cpu.max
	burst           applied cgroups: cpu.max.burst
	period          applied cgroups: cpu.max
	realtimeRuntime refused cgroup v2 has no realtime share; use /process/scheduler
	realtimePeriod  refused cgroup v2 has no realtime share; use /process/scheduler
	cpus            applied cgroups: cpuset.cpus
	mems            applied cgroups: cpuset.mems
	idle            applied cgroups: cpu.idle

/linux/resources/pids
	limit applied cgroups: pids.max

/linux/resources/blockIO
	weight                  applied cgroups: io.weight or io.bfq.weight
	leafWeight              refused cgroup v2 has no leaf weight; use weight
	weightDevice            applied
	throttleReadBpsDevice   applied cgroups: io.max
	throttleWriteBpsDevice  applied cgroups: io.max
	throttleReadIOPSDevice  applied cgroups: io.max
	throttleWriteIOPSDevice applied cgroups: io.max

/linux/resources/blockIO/weightDevice/*
	major      applied cgroups
	minor      applied cgroups
	weight     applied cgroups: io.weight or io.bfq.weight
	leafWeight refused cgroup v2 has no leaf weight; use weight

/linux/resources/blockIO/throttleReadBpsDevice/*
/linux/resources/blockIO/throttleWriteBpsDevice/*
/linux/resources/blockIO/throttleReadIOPSDevice/*
/linux/resources/blockIO/throttleWriteIOPSDevice/*
	major applied cgroups
	minor applied cgroups
	rate  applied cgroups

/linux/resources/hugepageLimits/*
	pageSize applied cgroups: hugetlb
	limit    applied cgroups: hugetlb, with rsvd where the kernel has it

/linux/resources/network
	classID    refused cgroup v2 has no net_cls; match the container with nftables (socket cgroupv2) instead
	priorities refused cgroup v2 has no net_prio; use tc in the container's network namespace

/linux/resources/network/priorities/*
	name     refused cgroup v2 has no net_prio
	priority refused cgroup v2 has no net_prio

/linux/resources/rdma/*
	hcaHandles applied cgroups: rdma.max
	hcaObjects applied cgroups: rdma.max
`
