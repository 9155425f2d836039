/* What is stderr to an archive that was compiled for executables? Debian's libpng16.a reads it by an
 * address that is fixed within one file, which a shared object cannot give; --wrap=stderr gives this
 * copy instead. Only with MINNOW_STATIC=1. */
#include <stdio.h>

/* The names are the linker's. */
extern FILE* __real_stderr;
__attribute__((visibility("hidden"))) FILE* __wrap_stderr;

__attribute__((constructor)) static void CopyStderr(void) {
  __wrap_stderr = __real_stderr;
}
