#include "textflag.h"

// The program of a hand: see hand.go. It is not run here but copied from here into
// an ELF file, so it must not depend on where it is. The layouts are those of image.go.
// R23 is the socket's descriptor, R19 the head, R20 where is read to, R21 how much, then
// the number of the call, R22 the part that is next, then the call.

// func hand()
TEXT ·hand(SB), NOSPLIT|NOFRAME, $0-0
	MOVD 0(RSP), R23          // argc
	MOVD $0x20180000, R19

again:
	MOVD R19, R20
	MOVD $112, R21            // the head first: it says what there is more
	ADD  $56, R19, R22        // parts

fill:
	MOVD $63, R8              // read(2), of no byte more: it may have files with it
	MOVD R23, R0
	MOVD R20, R1
	MOVD R21, R2
	SVC
	CMP  $0, R0
	BLE  quit                 // who sends is gone
	ADD  R0, R20, R20
	SUBS R0, R21, R21
	BNE  fill
	MOVD 0(R22), R20
	MOVD 8(R22), R21
	ADD  $16, R22
	CBNZ R21, fill
	MOVD 8(R19), R21          // at

next:
	MOVD 0(R19), R9           // count
	CMP  R9, R21
	BGE  reply
	MOVD $88, R9
	MUL  R9, R21, R22
	MOVD $0x20d80000, R9
	ADD  R9, R22, R22
	MOVD 8(R22), R0
	MOVD 16(R22), R1
	MOVD 24(R22), R2
	MOVD 32(R22), R3
	MOVD 40(R22), R4
	MOVD 48(R22), R5
	MOVD 56(R22), R9          // kinds
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
	MOVD 80(R22), R9
	MOVD R0, (R9)
	CMN  $4095, R0
	BLO  ok                   // below, unsigned: no error
	MOVD 64(R22), R9          // the errno that is expected
	MOVD $65536, R10
	CMP  R10, R9
	BEQ  skip
	ADDS R0, R9, R9
	BEQ  skip
	MOVD R0, 24(R19)          // errno
	B    reply

skip:
	MOVD 72(R22), R9
	ADD  R9, R21, R21

ok:
	ADD  $1, R21, R21
	B    next

reply:
	MOVD R21, 8(R19)
	MOVD $64, R8              // write(2)
	MOVD 16(R19), R0          // socket
	MOVD 40(R19), R1          // answer
	MOVD 48(R19), R2
	SVC
	MOVD 32(R19), R0          // exit status
	CBZ  R0, again
	MOVD 0(R19), R9
	CMP  R9, R21
	BGE  again

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
	MOVD R0, 16(R19)
	MOVD $0, R0
	B    result

	WORD $0x696e696d
	WORD $0x646e6520

// func handText() uintptr
TEXT ·handText(SB), NOSPLIT, $0-8
	MOVD $·hand(SB), R0
	MOVD R0, ret+0(FP)
	RET
