// Package calls is lists of system calls, and who does them.
//
// A step that is to be done in the container is not run there: it is written
// down, as calls on a [List], by the process that has planned it. What does them
// is either this process ([List.Do], for tests and for programs inside) or a
// [Hand]: a process that is 400 bytes of machine code, in a sealed file in memory,
// and can do nothing but the calls that it is sent. So nothing of mini is in the
// container: no heap, no runtime, no descriptor, no binary that
// /proc/PID/exe could lead to (CVE-2019-5736), and none of the 1.3 ms that a Go
// program needs to come up.
//
// A list is straight on: each call's arguments are numbers, addresses of what
// was put into the list, or what an earlier call returned ([Ref]). A result that
// needs thought (a mount point that is missing) is what [Ref.Else] is for: the
// list stops there, the function runs here, with the process at hand, and the
// list goes on. What needs no thought ([Ref.Skip]) is skipped where it is done.
package calls
