/* Linked into every program: its output goes to a pipe and still comes line by line, as in a terminal, so that
 * nothing is lost when it ends by a signal or by _exit, and nothing is printed twice after a fork. */
#include <stdio.h>

__attribute__((constructor)) static void by_line(void) { setvbuf(stdout, NULL, _IOLBF, BUFSIZ); }
