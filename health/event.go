package health

import "time"

// An Event is something that happened to the service. Only the fields that its
// kind names matter.
type Event struct {
	Kind   EventKind
	Check  int           // of ProbeDone: the index in Config.Checks
	Result Result        // of ProbeDone
	Exit   Exit          // of Exited
	For    time.Duration // of Extended and Suspended
	// At is when, on any clock that never goes back. Watch fills it in, from
	// Service.Boottime.
	At time.Duration
}

// EventKind are the kinds of events.
type EventKind uint8

const (
	Started          EventKind = iota // it runs, by the first start or a later one
	StartFailed                       // it could not be started: a failed run
	ProbeDone                         // a check has a result; of a Push check this may come at any time
	Exited                            // it has ended
	StopRequested                     // by the user: there is no restart after that
	RestartRequested                  // by the user: whatever the policy says, and counted against no limit
	BackoffOver                       // the time of a Wait has passed
	Paused                            // or frozen: no probes
	Resumed                           //
	Extended                          // a service that starts asks for so much more time, from now (EXTEND_TIMEOUT_USEC, sd_notify(3))
	Suspended                         // the machine slept for so long, just before
	eventCount
)

var eventNames = [eventCount]string{"started", "start failed", "probe done", "exited", "stop requested",
	"restart requested", "backoff over", "paused", "resumed", "extended", "suspended"}

func (k EventKind) String() string { return eventNames[k] }

// An Action is something for the caller of Step to do.
type Action struct {
	Kind  ActionKind
	Check int           // of Schedule and Unschedule
	Delay time.Duration // of Schedule and Wait
	State State         // of Report
}

// ActionKind are the kinds of actions.
type ActionKind uint8

const (
	Schedule   ActionKind = iota // probe after Delay, and send ProbeDone; of a Push check: send what its silence means. Replaces an earlier one
	Unschedule                   // forget the Schedule of this check
	EndProbes                    // forget all Schedules, end the probe that runs, drop its result
	Start                        // start the service, and send Started or StartFailed
	Stop                         // have the service end, with its grace; Exited follows
	Kill                         // end the service at once; Exited follows
	Wait                         // send BackoffOver after Delay
	Report                       // the state is now State, or Ready has changed
	actionCount
)

var actionNames = [actionCount]string{"schedule", "unschedule", "end probes", "start", "stop", "kill", "wait", "report"}

func (k ActionKind) String() string { return actionNames[k] }
