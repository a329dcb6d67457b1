// Package control is what is said on the socket of a detached container's
// supervisor: a request, its reply, and between the two, for attach, what is
// typed and what is written.
//
// It knows the form of the messages and the words in them. It does not know
// sockets, containers, nor what is done about a request.
package control
