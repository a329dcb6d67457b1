// Package check asks a service whether it works: it connects, says what the
// service should understand, and judges the answer. It speaks HTTP/1.1, gRPC's
// health protocol, and lines of the user's own over TCP or a unix socket.
//
// It does not know where the service is: it gets a Dialer. It does not know when
// to ask, or what follows from the answer: that is package health.
//
// The service is not trusted. It may never answer, answer a byte a second,
// without end, or nonsense: what is read is bounded by a number of bytes, the
// whole by the context, and no goroutine or connection outlives a Probe.
//
// The protocols are written out here, in the little that a probe needs of them:
// net/http would cost each start of mini half a millisecond, more than the
// probe itself.
package check
