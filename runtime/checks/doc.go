// Package checks knows the heartbeat's settings as text: a health file (JSON),
// the annotations run.mini.health.*, and the Healthcheck of a docker-format
// image. Each becomes one [Spec], complete: defaults filled in, every value
// looked at, and an error names the setting by its JSON pointer and its place.
//
//	Parse            a health file         ─┐
//	FromAnnotations  run.mini.health.*      ├─► tree ─► Spec ─► Complete
//	ParseDocker      Healthcheck ─► Docker ─┘
//
// It is pure: it reads no file and asks nothing of the host. It does not know
// how a service is asked, when, nor what becomes of the answer: that is for
// health and health/check, to which package runtime hands these values. A Spec
// written as JSON is a health file which gives the same Spec.
package checks
