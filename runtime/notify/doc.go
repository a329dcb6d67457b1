// Package notify speaks sd_notify(3) both ways: it listens at a socket to which
// a service says how it is, and tells a service manager above the same.
//
//	the service ── READY=1, WATCHDOG=1, … ──► Listener.Next ─► Message
//	Message ─► Send ── $NOTIFY_SOCKET ──► systemd
//
// A message is what someone says who may be hostile: it is bounded, its text is
// made printable, descriptors that come along are closed, and who sent it is
// known from the kernel. Nothing is kept: FDSTORE= has no effect.
//
// It does not know what a message means for the service's health, nor who may
// send one: that is for its caller to judge by the sender's pid.
package notify
