#include "go_asm.h"
#include "textflag.h"

// See fork_linux.go. R19 is the program, R20 the step, R21 how many are left.

// func rawClone(p *program) (pid uintptr, errno syscall.Errno)
TEXT ·rawClone(SB), NOSPLIT, $0-24
	MOVD p+0(FP), R19
	MOVD program_args(R19), R0
	MOVD program_argsSize(R19), R1
	MOVD $435, R8             // clone3(2)
	SVC
	CBZ  R0, child
	CMN  $4095, R0
	BHS  failed
	MOVD R0, pid+8(FP)
	MOVD ZR, errno+16(FP)
	RET

failed:
	NEG  R0, R0
	MOVD ZR, pid+8(FP)
	MOVD R0, errno+16(FP)
	RET

child:
	MOVD program_steps(R19), R20
	MOVD program_steps+8(R19), R21

next:
	CBZ  R21, exit
	MOVD step_trap(R20), R8
	MOVD step_args(R20), R0
	MOVD step_args+8(R20), R1
	MOVD step_args+16(R20), R2
	MOVD step_args+24(R20), R3
	MOVD step_args+32(R20), R4
	MOVD ZR, R5
	SVC
	CMN  $4095, R0
	BLO  done                 // below, unsigned: no error
	MOVD step_anyhow(R20), R9
	CBZ  R9, tell

done:
	ADD  $step__size, R20
	SUB  $1, R21
	B    next

tell:
	NEG  R0, R0
	MOVD R0, program_errno(R19)
	MOVD R21, program_left(R19)

exit:
	MOVD $94, R8              // exit_group(2)
	MOVD $127, R0
	SVC
	B    exit
