/* A parent, a child, and how the child ended: first_child exit 7 | signal 11 | exec words … */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char *words[]) {
    if (count > 1 && strcmp(words[1], "listed") == 0) {     /* the program that exec puts in the child's place */
        for (int k = 0; k < count; k++) printf("  argv[%d] = %s\n", k, words[k]);
        return count;
    }
    const char *what = count > 1 ? words[1] : "exit";
    pid_t child = fork();                                   /* one call, two returns */
    if (child < 0) { perror("fork"); return 1; }
    if (child == 0) {
        if (strcmp(what, "exec") == 0) {
            words[0] = "called anything";                   /* argv[0] is whatever the caller says */
            words[1] = "listed";
            execv("/proc/self/exe", words);
            perror("execv");                                /* reached only if exec failed */
            _exit(127);
        }
        int number = count > 2 ? atoi(words[2]) : 7;
        if (strcmp(what, "signal") == 0) raise(number);
        _exit(number);
    }
    int status;
    waitpid(child, &status, 0);                             /* until here the dead child is a zombie */
    printf("wait status 0x%04x: ", status);
    if (WIFEXITED(status)) printf("exit code %d\n", WEXITSTATUS(status));
    if (WIFSIGNALED(status)) printf("killed by signal %d, %s\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return 0;
}
