// Preloaded into reading processes, it stands before OpenSlide and lets the slides fail whose names say how.
#define _GNU_SOURCE
#include <dlfcn.h>
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
    // As OpenSlide asks for memory: GLib aborts where it cannot be had.
    void *(*g_malloc)(size_t) = (void *(*)(size_t))dlsym(RTLD_DEFAULT, "g_malloc");
    memset(g_malloc((size_t)3 << 30), 1, (size_t)3 << 30);
  }
  void *(*open)(const char *) = (void *(*)(const char *))dlsym(RTLD_NEXT, "openslide_open");
  return open(path);
}
