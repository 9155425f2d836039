// wasi-libc has no setjmp. Here it never comes back a second time: the jump that would have ended
// a damaged picture traps instead, and the host sees the trap.
#ifndef MINNOW_GUEST_WASI_SETJMP_H_
#define MINNOW_GUEST_WASI_SETJMP_H_

typedef int jmp_buf[1];

#ifdef __cplusplus
#define MINNOW_NORETURN [[noreturn]]
#else
#define MINNOW_NORETURN _Noreturn
#endif

#define setjmp(buffer) ((void)(buffer), 0)
MINNOW_NORETURN static inline void longjmp(jmp_buf buffer, int value) {
  (void)buffer;
  (void)value;
  __builtin_trap();
}

#undef MINNOW_NORETURN

#endif  // MINNOW_GUEST_WASI_SETJMP_H_
