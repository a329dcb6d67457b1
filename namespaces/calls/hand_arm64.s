#include "textflag.h"

// The program of a hand: see hand.go. It is not run here but copied from here into
// an ELF file, so it must not depend on where it is. R23 is the socket's descriptor,
// R19 its memory, R20 the end of what was read, R21 the number of the call, R22 the
// call.

// func hand()
TEXT ·hand(SB), NOSPLIT|NOFRAME, $0-0
	MOVD 0(RSP), R23          // argc
	MOVD $0x20000000, R19

again:
	MOVD R19, R20
	MOVD $64, R21             // the head first: then it is known how much there is

fill:
	MOVD $63, R8              // read(2), of no byte more: it may have files with it
	MOVD R23, R0
	MOVD R20, R1
	ADD  R19, R21, R2
	SUB  R20, R2, R2
	SVC
	CMP  $0, R0
	BLE  quit                 // who sends is gone
	ADD  R0, R20, R20
	SUB  R19, R20, R9
	CMP  R21, R9
	BLT  fill
	MOVD 0(R19), R21          // total
	CMP  R21, R9
	BLT  fill
	MOVD 16(R19), R21         // at

next:
	MOVD 8(R19), R9           // count
	CMP  R9, R21
	BGE  reply
	MOVD $88, R9
	MUL  R9, R21, R22
	ADD  R19, R22, R22
	ADD  $64, R22, R22
	MOVD 8(R22), R0
	MOVD 16(R22), R1
	MOVD 24(R22), R2
	MOVD 32(R22), R3
	MOVD 40(R22), R4
	MOVD 48(R22), R5
	MOVD 56(R22), R9          // refs
	TBZ  $0, R9, 2(PC)
	MOVD (R0), R0
	TBZ  $1, R9, 2(PC)
	MOVD (R1), R1
	TBZ  $2, R9, 2(PC)
	MOVD (R2), R2
	TBZ  $3, R9, 2(PC)
	MOVD (R3), R3
	TBZ  $4, R9, 2(PC)
	MOVD (R4), R4
	TBZ  $5, R9, 2(PC)
	MOVD (R5), R5
	MOVD 0(R22), R8
	CMN  $1, R8
	BEQ  check
	CMN  $2, R8
	BEQ  store
	CMN  $3, R8
	BEQ  load
	CMN  $4, R8
	BEQ  answer
	SVC

result:
	MOVD R0, 80(R22)
	CMN  $4095, R0
	BLO  ok                   // below, unsigned: no error
	MOVD 64(R22), R9          // the errno that is expected
	MOVD $65536, R10
	CMP  R10, R9
	BEQ  skip
	ADDS R0, R9, R9
	BEQ  skip
	MOVD R0, 40(R19)
	B    reply

skip:
	MOVD 72(R22), R9
	ADD  R9, R21, R21

ok:
	ADD  $1, R21, R21
	B    next

reply:
	MOVD R21, 16(R19)
	MOVD $64, R8              // write(2)
	MOVD 32(R19), R0
	MOVD R19, R1
	MOVD 24(R19), R2
	SVC
	MOVD 48(R19), R0          // exit status
	CBZ  R0, again

exit:
	MOVD $94, R8              // exit_group(2)
	SVC
	B    exit

quit:
	MOVD $125, R0
	B    exit

check:
	MOVD (R0), R0
	AND  R1, R0, R0
	EOR  R2, R0, R0
	CBZ  R0, result
	NEG  R3, R0
	B    result

store:
	MOVW R1, (R0)
	MOVD $0, R0
	B    result

load:
	MOVWU (R0), R0
	B    result

answer:
	MOVD R0, 32(R19)
	MOVD $0, R0
	B    result

	WORD $0x696e696d
	WORD $0x646e6520

// func handText() uintptr
TEXT ·handText(SB), NOSPLIT, $0-8
	MOVD $·hand(SB), R0
	MOVD R0, ret+0(FP)
	RET
