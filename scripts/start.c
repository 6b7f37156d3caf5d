// Starts a program of the tarball with the loader and the C library that lie beside it, whatever those of the host are.
//
// It stands as bin/wsi and bin/wsi-compute, is linked statically, and calls
//
//   lib/wsi/ld-linux-x86-64.so.2 --argv0 wsi --library-path [WSI_LIBTORCH/lib:]$ORIGIN[:DRIVER] lib/wsi/wsi …
//
// Where it lies the kernel tells it. Of the environment it takes WSI_LIBTORCH, a folder of LibTorch in place of the carried
// one, and only at the minor version that wsi-compute was built for (TORCH_MINOR, such as "2.13"); and of LD_LIBRARY_PATH the
// folders of NVIDIA's driver, where containers and module systems put it.
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOADER "ld-linux-x86-64.so.2"
#define DRIVER "libcuda.so.1"
#define AGAIN "unpack the tarball again, and check it: sha256sum --quiet -c MANIFEST.sha256"

static _Noreturn void stop(const char *code, const char *format, ...) {
  va_list words;
  va_start(words, format);
  fprintf(stderr, "wsi: error[%s] ", code);
  vfprintf(stderr, format, words);
  fputc('\n', stderr);
  va_end(words);
  exit(2);
}

static void join(char *out, const char *folder, const char *middle, const char *name) {
  if (snprintf(out, PATH_MAX, "%s%s%s", folder, middle, name) >= PATH_MAX) stop("E_USAGE", "%s: the path is too long", folder);
}

/// The file of this program, without links. The programs themselves need /proc too, already to read their arguments.
static void find_self(char *out) {
  ssize_t length = readlink("/proc/self/exe", out, PATH_MAX - 1);
  if (length <= 0) stop("E_NOT_FOUND", "/proc/self/exe: %s; mount /proc", strerror(errno));
  out[length] = 0;
}

/// The major and minor version that a folder of LibTorch says of itself, such as 2.13; false where it says none.
static bool torch_minor(const char *folder, char *out, size_t size) {
  // As a wheel, its headers and the archives of pytorch.org have it.
  static const struct {
    const char *file, *format;
  } places[] = {
      {"/version.py", "__version__ = '%u.%u."},
      {"/build-version", "%u.%u."},
      {"/include/torch/headeronly/version.h", "#define TORCH_VERSION_MAJOR %u #define TORCH_VERSION_MINOR %u"},
      {"/include/torch/csrc/api/include/torch/version.h", "#define TORCH_VERSION_MAJOR %u #define TORCH_VERSION_MINOR %u"},
  };
  for (size_t place = 0; place < sizeof places / sizeof *places; place++) {
    char path[PATH_MAX], text[16384];
    join(path, folder, places[place].file, "");
    FILE *file = fopen(path, "r");
    if (file == NULL) continue;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    const char *first = places[place].format;
    char head[64];
    snprintf(head, sizeof head, "%.*s", (int)(strchr(first, '%') - first), first);
    const char *found = strstr(text, head);
    unsigned major, minor;
    if (found != NULL && sscanf(found, first, &major, &minor) == 2) {
      snprintf(out, size, "%u.%u", major, minor);
      return true;
    }
  }
  return false;
}

/// Puts `folder/lib` before the carried libraries.
static void choose_torch(const char *folder, char *libraries, size_t size) {
  char path[PATH_MAX], said[32];
  if (folder[0] != '/') stop("E_USAGE", "WSI_LIBTORCH: '%s' is no absolute path", folder);
  if (strpbrk(folder, ":;$") != NULL)
    stop("E_USAGE", "WSI_LIBTORCH: '%s' has a colon, semicolon or dollar, which mean something to the loader; link to it", folder);
  join(path, folder, "/lib/libtorch_cpu.so", "");
  if (access(path, R_OK) != 0)
    stop("E_USAGE", "WSI_LIBTORCH: %s: %s; name the folder of a LibTorch " TORCH_MINOR, path, strerror(errno));
  if (!torch_minor(folder, said, sizeof said))
    stop("E_USAGE", "WSI_LIBTORCH: %s does not say which version it is; LibTorch " TORCH_MINOR " is wanted", folder);
  if (strcmp(said, TORCH_MINOR) != 0)
    stop("E_USAGE", "WSI_LIBTORCH: %s is LibTorch %s, and this wsi-compute was built for " TORCH_MINOR, folder, said);
  if (snprintf(libraries, size, "%s/lib:$ORIGIN", folder) >= (int)size) stop("E_USAGE", "%s: the path is too long", folder);
}

/// Puts those folders of LD_LIBRARY_PATH that hold the driver behind the carried libraries, as far as there is room.
static void keep_driver(const char *folders, char *libraries, size_t size) {
  for (const char *next = folders; *next != 0;) {
    size_t length = strcspn(next, ":;");
    char folder[PATH_MAX], path[PATH_MAX];
    // The loader has its own meaning for a dollar, and a path that is not absolute means another folder in each program.
    if (*next == '/' && length < sizeof folder && memchr(next, '$', length) == NULL) {
      snprintf(folder, sizeof folder, "%.*s", (int)length, next);
      if (snprintf(path, sizeof path, "%s/" DRIVER, folder) < (int)sizeof path && access(path, R_OK) == 0) {
        size_t used = strlen(libraries);
        if (used + length + 2 <= size) snprintf(libraries + used, size - used, ":%s", folder);
      }
    }
    next += length;
    if (*next != 0) next++;
  }
}

int main(int count, char **words) {
  char self[PATH_MAX], loader[PATH_MAX], program[PATH_MAX], libraries[4 * PATH_MAX] = "$ORIGIN";
  find_self(self);
  char *name = strrchr(self, '/');
  *name++ = 0;
  char *folder = strrchr(self, '/');
  if (folder == NULL || strcmp(folder, "/bin") != 0)
    stop("E_NOT_FOUND", "%s/%s stands alone; leave it in bin/ of what was unpacked, and link to it", self, name);
  *folder = 0;
  join(loader, self, "/lib/wsi/", LOADER);
  join(program, self, "/lib/wsi/", name);
  if (access(loader, X_OK) != 0) stop("E_NOT_FOUND", "%s: %s; " AGAIN, loader, strerror(errno));
  if (access(program, R_OK) != 0) stop("E_NOT_FOUND", "%s: %s; " AGAIN, program, strerror(errno));

  // The loader knows its own folder, so that the path may have a colon in it.
  const char *torch = getenv("WSI_LIBTORCH");
  if (torch != NULL && torch[0] != 0) choose_torch(torch, libraries, sizeof libraries);
  const char *folders = getenv("LD_LIBRARY_PATH");
  if (folders != NULL) keep_driver(folders, libraries, sizeof libraries);
  // What is made for the host's C library does not go with this one. LD_LIBRARY_PATH stays for programs of the host that are
  // started; the carried loader heeds --library-path in its place.
  unsetenv("LD_PRELOAD");
  unsetenv("LD_AUDIT");

  char **command = calloc((size_t)count + 8, sizeof *command);
  if (command == NULL) stop("E_LIMIT", "no memory to start; raise ulimit -v");
  char *const head[] = {loader, "--argv0", count > 0 ? words[0] : name, "--library-path", libraries, program};
  memcpy(command, head, sizeof head);
  if (count > 1) memcpy(command + 6, words + 1, (size_t)(count - 1) * sizeof *command);
  execv(loader, command);
  stop("E_NOT_FOUND", "%s: %s; " AGAIN, loader, strerror(errno));
}
