// Package tell carries what happens to a container to whoever wants to know:
// an [Event] goes as a line of JSON into the journal in the container's
// directory, to a command and to a webhook, and a [Sample] of numbers goes to a
// file or to whoever scrapes them, in the text format of Prometheus.
//
//	supervisor ─► Teller.Tell ─┬─► ID/events, ID/events.1      Follow reads them
//	                           ├─► queue ─► --on-event CMD
//	                           ├─► queue ─► --webhook URL
//	                           └─► --metrics-file, --metrics-listen ◄─ Sample
//
// The journal is written by the caller of Tell: a line of some hundred bytes on
// what normally is a tmpfs. Everything else is done by goroutines of the
// Teller's, behind queues that hold so much and no more: a receiver that hangs
// costs its own events and nothing else, and what it lost is counted and told.
// A Teller that has nothing to tell does nothing, except that a metrics file is
// written anew every so often, for which it was asked.
//
// The package knows JSON lines, HTTP/1.1 as far as a POST and a scrape need it,
// and the text format. It knows neither containers nor cgroups nor when
// something is worth telling: that is its caller's. There is no TLS in it:
// crypto/tls makes `mini version` 0.2 ms slower (1.66 to 1.85 ms, and 1.96 to 2.21
// ms in another run, medians of 300 starts each, in turns), with 40 page faults
// more and 1.9 MB of program, and so every command, also those that tell nothing.
// Settings.Check names the way round.
package tell
