#pragma once

#include "ctorch_base.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#ifdef __cplusplus
extern "C" {
#endif

// A device's queues of work. On a CUDA device every thread begins on the default one, where all wait for each other; a lane is
// another, with memory of the host that the device copies from and to by itself, while it computes. On the CPU a lane does
// nothing but copy, so that the same code runs there.
//
// A lane serves one thread at a time. What is made on it is to be freed before the lane is left, or handed over by ct_hand_over:
// the allocator of a device gives memory away again in the order of the queue that it was made on.

typedef struct ct_lane ct_lane;
typedef ct_lane *_Nullable *_Nonnull ct_lane_out;

CTStatus ct_lane_make(int32_t device, ct_lane_out out);
/// Waits until the lane is done. Where that fails, as its device is lost, what it has is never freed.
void ct_lane_free(ct_lane *_Nullable lane);

/// Until ct_lane_leave, what this thread computes on the device goes to the lane. Fails where a thread is on it.
CTStatus ct_lane_enter(ct_lane *lane);
/// Puts the thread back to the queue where it was; does not wait. To be called by the thread that has entered.
void ct_lane_leave(ct_lane *lane);

/// A tensor of these row-major elements on the lane's device. `bytes` are read before the call returns; the device has them
/// when the lane has come so far.
CTStatus ct_lane_send(
    ct_lane *lane, const void *_Nullable bytes, size_t byte_count, CTDType dtype, const int64_t *shape, size_t rank,
    ct_tensor_out out);
/// Waits for the lane, and writes the tensor's elements as fp32, row-major.
CTStatus ct_lane_receive(ct_lane *lane, const ct_tensor *tensor, float *_Nullable values, size_t count);
/// Waits until all that was given to the lane is done.
CTStatus ct_lane_wait(ct_lane *lane);

/// The same memory for this thread's queue, which is waited for before the memory is given away. Where that fails, as the device
/// is lost, it never is.
CTStatus ct_hand_over(const ct_tensor *tensor, ct_tensor_out out);
/// Waits until all that was given to this thread's queue of the device is done.
CTStatus ct_wait(int32_t device);

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
