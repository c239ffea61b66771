// SPDX-License-Identifier: Apache-2.0
// Everything that the contract suite's node image holds, in one static program that acts by its name.
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int copy(int from, int to) {
  char buffer[65536];
  for (;;) {
    const ssize_t count = read(from, buffer, sizeof buffer);
    if (count <= 0) return (int)count;
    for (ssize_t done = 0; done < count;) {
      const ssize_t written = write(to, buffer + done, (size_t)(count - done));
      if (written < 0) return -1;
      done += written;
    }
  }
}

static int cat(const char* path) {
  if (path == NULL) return copy(0, 1) == 0 ? 0 : 1;
  FILE* file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    return 1;
  }
  return copy(fileno(file), 1) == 0 ? 0 : 1;
}

static int store(const char* path) {
  FILE* file = fopen(path, "w");
  if (file == NULL) {
    perror(path);
    return 1;
  }
  const int result = copy(0, fileno(file));
  return fclose(file) == 0 && result == 0 ? 0 : 1;
}

static struct sockaddr_in address_of(const char* host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

// What "socat -t N - TCP:host:port" does.
static int socat(const char* target) {
  char host[64];
  int port = 0;
  if (sscanf(target, "TCP:%63[^:]:%d", host, &port) != 2) return 2;
  const struct sockaddr_in address = address_of(host, port);
  const int peer = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(peer, (const struct sockaddr*)&address, sizeof address) != 0) {
    perror(target);
    return 1;
  }
  if (fork() == 0) {
    copy(0, peer);
    shutdown(peer, SHUT_WR);
    _exit(0);
  }
  copy(peer, 1);
  return 0;
}

static void echo_server(const char* host, int port) {
  const struct sockaddr_in address = address_of(host, port);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (const struct sockaddr*)&address, sizeof address) != 0 || listen(listener, 8) != 0) _exit(1);
  puts("listening");
  for (;;) {
    const int peer = accept(listener, NULL, NULL);
    copy(peer, peer);
    close(peer);
  }
}

static int init(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  puts(access("/etc/skiff/ready", R_OK) == 0 ? "init: ready" : "init: NOT READY");
  if (fork() == 0) echo_server("127.0.0.1", 7007);
  if (fork() == 0) echo_server("0.0.0.0", 6443);  // as the Kubernetes API
  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal == SIGTERM) return 0;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
  }
}

// Waits for a terminal's size, tells it, and then repeats what is typed until "q".
static int terminal(void) {
  struct winsize size = {0};
  for (int tries = 0; size.ws_row == 0 && tries < 500; ++tries) {
    if (ioctl(0, TIOCGWINSZ, &size) != 0) return 1;
    usleep(10000);
  }
  printf("%d rows %d columns\n", size.ws_row, size.ws_col);
  fflush(stdout);
  for (char key = 0; read(0, &key, 1) == 1 && key != 'q';) {
    if (write(1, &key, 1) != 1) return 1;
  }
  return 5;
}

int main(int argc, char** argv) {
  const char* slash = strrchr(argv[0], '/');
  const char* name = slash != NULL ? slash + 1 : argv[0];
  if (strcmp(name, "skiff-init") == 0) return init();
  if (strcmp(name, "prepare") == 0) {
    FILE* mark = fopen("/skiff/hot/prepared", "w");
    return mark != NULL && fputs("prepared\n", mark) >= 0 && fclose(mark) == 0 ? 0 : 1;
  }
  if (strcmp(name, "cat") == 0) return cat(argv[1]);
  if (strcmp(name, "store") == 0 && argc > 1) return store(argv[1]);
  if (strcmp(name, "fail") == 0 && argc > 1) return atoi(argv[1]);
  if (strcmp(name, "socat") == 0 && argc > 1) return socat(argv[argc - 1]);
  if (strcmp(name, "streams") == 0) {
    fputs("to out\n", stdout);
    fputs("to err\n", stderr);
    return 0;
  }
  if (strcmp(name, "terminal") == 0) return terminal();
  if (strcmp(name, "value") == 0 && argc > 1) {
    puts(getenv(argv[1]) != NULL ? getenv(argv[1]) : "");
    return 0;
  }
  return 127;
}
