#pragma once

#include <stdbool.h>

/// For a process that runs with a C library other than the host's: users, groups and hosts are looked up in files and DNS, which that
/// library knows by itself, whatever the host's nsswitch.conf says, so that no module of the host is loaded into it; and the process is
/// called `name` (15 bytes of it) where it had the loader's name. Nothing that fails here does harm.
void cfiles_settle_among_strangers(const char *name);

/// O_PATH: a descriptor of a place, which needs no right to read what is there.
extern const int cfiles_place;

/// Opens a path relative to a folder so that neither `..` nor a link leads out of the folder, by openat2(2), which Swift cannot
/// call: it is no function of glibc, and `syscall` takes any number of arguments.
///
/// @param folder descriptor of the folder.
/// @param flags those of open(2).
/// @param mode of a file that is made; 0 where none is.
/// @param follows whether links that stay below the folder are followed; where not, one anywhere in the path is ELOOP.
/// @return a descriptor, or a negative errno: -EXDEV where the path leads out of the folder, -ENOSYS where the kernel lacks the
/// call and -EPERM where a sandbox forbids it.
int cfiles_open_beneath(int folder, const char *path, int flags, unsigned mode, bool follows);
