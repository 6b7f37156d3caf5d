#pragma once

// Whether a computation stays on one device, where there is no GPU: on LibTorch's `meta` device, whose tensors have shapes and no
// numbers, and whose operators are not those of the CPU, while every operator that LibTorch is asked for is looked at.

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// From now on, of this thread: an operator that takes a tensor of the device beside one of the host fails, as on a GPU. A tensor of one
/// number without a dimension may lie anywhere, and copies lead from one to the other. Numbers that are read are zeros.
void device_watch_begin(void);

/// Ends it.
/// - Returns: how often numbers of the device were read meanwhile, each of which would wait for a GPU.
int64_t device_watch_end(void);

#ifdef __cplusplus
}
#endif
