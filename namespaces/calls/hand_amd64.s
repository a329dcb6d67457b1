#include "textflag.h"

// The program of a hand: see hand.go. It is not run here but copied from here into
// an ELF file, so it must not depend on where it is. The layouts are those of image.go.
// BX is the socket's descriptor, R12 the head, R13 where is read to, R14 how much, then
// the number of the call, R15 the part that is next, then the call.

// func hand()
TEXT ·hand(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ 0(SP), BX            // argc
	MOVQ $0x20180000, R12

again:
	MOVQ R12, R13
	MOVL $112, R14            // the head first: it says what there is more
	LEAQ 56(R12), R15         // parts

fill:
	XORL AX, AX               // read(2), of no byte more: it may have files with it
	MOVQ BX, DI
	MOVQ R13, SI
	MOVQ R14, DX
	SYSCALL
	TESTQ AX, AX
	JLE  quit                 // who sends is gone
	ADDQ AX, R13
	SUBQ AX, R14
	JNE  fill
	MOVQ 0(R15), R13
	MOVQ 8(R15), R14
	ADDQ $16, R15
	TESTQ R14, R14
	JNE  fill
	MOVQ 8(R12), R14          // at

next:
	CMPQ R14, 0(R12)          // count
	JGE  reply
	IMUL3Q $88, R14, R15
	ADDQ $0x20d80000, R15
	MOVQ 8(R15), DI
	MOVQ 16(R15), SI
	MOVQ 24(R15), DX
	MOVQ 32(R15), R10
	MOVQ 40(R15), R8
	MOVQ 48(R15), R9
	MOVQ 56(R15), R11        // kinds
	TESTQ $1, R11
	JZ   2(PC)
	MOVQ (DI), DI
	TESTQ $2, R11
	JZ   2(PC)
	MOVQ (SI), SI
	TESTQ $4, R11
	JZ   2(PC)
	MOVQ (DX), DX
	TESTQ $8, R11
	JZ   2(PC)
	MOVQ (R10), R10
	TESTQ $16, R11
	JZ   2(PC)
	MOVQ (R8), R8
	TESTQ $32, R11
	JZ   2(PC)
	MOVQ (R9), R9
	MOVQ 0(R15), AX
	CMPQ AX, $-1
	JEQ  check
	CMPQ AX, $-2
	JEQ  store
	CMPQ AX, $-3
	JEQ  load
	CMPQ AX, $-4
	JEQ  answer
	SYSCALL

result:
	MOVQ 80(R15), CX
	MOVQ AX, (CX)
	CMPQ AX, $-4095
	JCS  ok                   // below, unsigned: no error
	MOVQ 64(R15), CX          // the errno that is expected
	CMPQ CX, $65536
	JEQ  skip
	ADDQ AX, CX
	JEQ  skip
	MOVQ AX, 24(R12)          // errno
	JMP  reply

skip:
	ADDQ 72(R15), R14

ok:
	INCQ R14
	JMP  next

reply:
	MOVQ R14, 8(R12)
	MOVL $1, AX               // write(2)
	MOVQ 16(R12), DI          // socket
	MOVQ 40(R12), SI          // answer
	MOVQ 48(R12), DX
	SYSCALL
	MOVQ 32(R12), DI          // exit status
	TESTQ DI, DI
	JEQ  again
	CMPQ R14, 0(R12)
	JGE  again

exit:
	MOVL $231, AX             // exit_group(2)
	SYSCALL
	JMP  exit

quit:
	MOVL $125, DI
	JMP  exit

check:
	MOVQ (DI), AX
	ANDQ SI, AX
	XORQ DX, AX
	JEQ  result
	XORL AX, AX
	SUBQ R10, AX
	JMP  result

store:
	MOVL SI, (DI)
	XORL AX, AX
	JMP  result

load:
	MOVL (DI), AX
	JMP  result

answer:
	MOVQ DI, 16(R12)
	XORL AX, AX
	JMP  result

	BYTE $'m'; BYTE $'i'; BYTE $'n'; BYTE $'i'; BYTE $' '; BYTE $'e'; BYTE $'n'; BYTE $'d'

// func handText() uintptr
TEXT ·handText(SB), NOSPLIT, $0-8
	LEAQ ·hand(SB), AX
	MOVQ AX, ret+0(FP)
	RET
