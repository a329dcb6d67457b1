#include "go_asm.h"
#include "textflag.h"

// See fork_linux.go. R12 is the program, R13 the step, BX how many are left.

// func rawClone(p *program) (pid uintptr, errno syscall.Errno)
TEXT ·rawClone(SB), NOSPLIT, $0-24
	MOVQ p+0(FP), R12
	MOVQ program_args(R12), DI
	MOVQ program_argsSize(R12), SI
	MOVL $435, AX             // clone3(2)
	SYSCALL
	TESTQ AX, AX
	JEQ  child
	CMPQ AX, $-4095
	JCC  failed
	MOVQ AX, pid+8(FP)
	MOVQ $0, errno+16(FP)
	RET

failed:
	NEGQ AX
	MOVQ $0, pid+8(FP)
	MOVQ AX, errno+16(FP)
	RET

child:
	MOVQ program_steps(R12), R13
	MOVQ program_steps+8(R12), BX

next:
	TESTQ BX, BX
	JEQ  exit
	MOVQ step_trap(R13), AX
	MOVQ step_args(R13), DI
	MOVQ step_args+8(R13), SI
	MOVQ step_args+16(R13), DX
	MOVQ step_args+24(R13), R10
	MOVQ step_args+32(R13), R8
	XORL R9, R9
	SYSCALL
	CMPQ AX, $-4095
	JCS  done                 // below, unsigned: no error
	CMPQ step_anyhow(R13), $0
	JEQ  tell

done:
	ADDQ $step__size, R13
	DECQ BX
	JMP  next

tell:
	NEGQ AX
	MOVQ AX, program_errno(R12)
	MOVQ BX, program_left(R12)

exit:
	MOVL $231, AX             // exit_group(2)
	MOVL $127, DI
	SYSCALL
	JMP  exit
