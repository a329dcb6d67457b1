package tell

import "time"

// Sample is what there is to measure of a container at one moment. Counters are
// since the start of its present run where the kernel counts them, and since the
// start of its supervisor where mini does. What is nil or zero and marked so is
// left out of the text.
type Sample struct {
	ID     string    // of the container: the label name
	Cgroup string    // below the mount point, "/mini/web": the label id, as cAdvisor's; "" is "/" and ID
	At     time.Time // when it was taken; zero is left out
	Start  time.Time // of the present run; zero is left out

	State    string // of the state machine
	Ready    *bool  // nil: nothing checks it
	Pid      int    // 0: it does not run
	Restarts uint64
	Deaths   uint64 // runs that have ended
	Exit     *int   // status of the last run that ended; nil: none has
	Dropped  uint64 // events that a receiver did not get; the Teller fills it in
	Checks   []CheckSample
	Usage    *Usage // nil: there is no cgroup, or it does not run
}

// CheckSample is what is known of one check.
type CheckSample struct {
	Name, Role                  string
	Successes, Failures, Errors uint64 // results so far, of all runs
	InARow                      int    // failures since the last success
	Last                        string // success, failure, error; "" : none yet
	LastAt                      time.Time
	LastDuration                time.Duration
	CPU                         time.Duration // that all its probes took together
	Peak                        uint64        // memory of the last one in bytes; 0 is left out
}

// Usage is what the cgroup counts, in its units: bytes and microseconds. A
// limit of math.MaxUint64 is none. A nil part is not counted on this host.
type Usage struct {
	CPU                                     *CPU
	Memory                                  *Memory
	Pids                                    *Pids
	Devices                                 []Device
	Huge                                    []Huge
	CPUPressure, MemoryPressure, IOPressure *Pressure
	OOMKills                                *uint64 // processes, memory.events oom_kill
}

// CPU is cpu.stat, cpu.max and the weight.
type CPU struct {
	Usage, User, System                 uint64 // µs
	Periods, Throttled, ThrottledMicros uint64
	Quota, Period                       uint64 // µs in µs; Quota 0: no limit
	Shares                              uint64 // as in the OCI config, 2 to 262144; 0 is left out
}

// Memory is memory.*; bytes.
type Memory struct {
	Current, Peak, Limit, Reservation uint64 // Peak 0: the kernel is older than 5.19; Reservation is memory.low
	Swap, SwapLimit                   uint64
	File, Anon, InactiveFile, Mapped  uint64 // memory.stat
	Kernel                            uint64
	PageFaults, MajorFaults           uint64
	LimitHits                         uint64 // memory.events max
}

// Pids is pids.*: tasks, hence threads.
type Pids struct {
	Processes      uint64 // 0 is left out
	Current, Limit uint64
}

// Device is a line of io.stat.
type Device struct {
	Name                    string // "/dev/sda"; "" is left out
	Major, Minor            uint32
	ReadBytes, WrittenBytes uint64
	Reads, Writes           uint64
}

// Huge is hugetlb.SIZE.*.
type Huge struct {
	Size              string // "2MB"
	Current, Failures uint64
}

// Pressure is the total of pressure stall information, in µs.
type Pressure struct{ Some, Full uint64 }
