// Preloaded into reading processes, it stands before OpenSlide and lets the slides fail whose names say how.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *openslide_open(const char *path) {
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  if (strncmp(name, "crash", 5) == 0) *(volatile int *)0 = 1;
  if (strncmp(name, "abort", 5) == 0) abort();
  if (strncmp(name, "quit", 4) == 0) exit(9);
  for (volatile int forever = 1; forever && strncmp(name, "loop", 4) == 0;) {}
  if (strncmp(name, "huge", 4) == 0) {
    // As OpenSlide asks for memory: its GLib says so and aborts where it cannot be had. That of OpenSlide 4 is no one's but its own.
    void *volatile memory = malloc((size_t)3 << 30);
    if (memory == NULL) {
      fprintf(stderr, "GLib-ERROR: failed to allocate 3221225472 bytes\n");
      abort();
    }
    memset((void *)memory, 1, (size_t)3 << 30);
  }
  void *(*open)(const char *) = (void *(*)(const char *))dlsym(RTLD_NEXT, "openslide_open");
  return open(path);
}
