#include "ctorch_lane.h"
#include "support.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <algorithm>
#include <c10/core/Stream.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <cstring>
#include <memory>

/// Bytes of page-locked memory that a lane sends through: what is locked is lost to all other programs. More goes in parts.
static constexpr size_t most_locked = 64 << 20;

// c10's guards know the streams of every kind of device, so that no header of CUDA is needed. Those of the CPU do nothing.
struct ct_lane {
    explicit ct_lane(c10::Device place)
        : device(place), queues(place.type()), stream(queues.getNewStream(place)) {}

    void wait() {
        queues.synchronizeStream(stream);
        is_sending = false;
    }

    /// Memory of the host, page-locked where a device copies from or to it.
    at::Tensor host(at::Tensor &held, int64_t bytes) const {
        if (!held.defined() || held.numel() < bytes)
            held = at::empty({bytes}, at::TensorOptions(at::kByte).pinned_memory(!device.is_cpu()));
        return held.narrow(0, 0, bytes);
    }

    const c10::Device device;
    const c10::impl::VirtualGuardImpl queues;
    const c10::Stream stream;
    std::optional<c10::StreamGuard> guard;
    at::Tensor to_send, received;
    /// The device may still be reading `to_send`.
    bool is_sending = false;
};

CTStatus ct_lane_make(int32_t device, ct_lane_out out) {
    return guarded([&] { *out = new ct_lane(device_of(device)); });
}

/// Whether all that was given to the queue is done, after waiting for it. Where the device is lost it is never known.
static bool is_done(const c10::impl::VirtualGuardImpl &queues, const c10::Stream &stream) noexcept {
    try {
        queues.synchronizeStream(stream);
        return true;
    } catch (...) { return false; }
}

void ct_lane_free(ct_lane *lane) {
    // The device may be reading what would be freed; and where it is lost the allocators throw in destructors, which ends the
    // process. Then the memory is left to the process's end.
    if (lane && is_done(lane->queues, lane->stream)) delete lane;
}

CTStatus ct_lane_enter(ct_lane *lane) {
    return guarded([&] {
        TORCH_CHECK(!lane->guard, "a thread is on this lane");
        lane->guard.emplace(lane->stream);
    });
}

void ct_lane_leave(ct_lane *lane) { lane->guard.reset(); }

CTStatus ct_lane_send(
    ct_lane *lane, const void *bytes, size_t byte_count, CTDType dtype, const int64_t *shape, size_t rank,
    ct_tensor_out out) {
    return yields(out, [&] {
        const auto options = at::TensorOptions(type_of(dtype)).device(lane->device);
        auto tensor = at::empty(list(shape, rank), options);
        TORCH_CHECK(
            tensor.nbytes() == byte_count, "a tensor of shape ", tensor.sizes(), " has ", tensor.nbytes(),
            " bytes, found ", byte_count);
        if (byte_count == 0) return tensor;
        const auto target = tensor.view({-1}).view(at::kByte);
        for (size_t first = 0; first < byte_count; first += most_locked) {
            const auto count = static_cast<int64_t>(std::min(most_locked, byte_count - first));
            if (lane->is_sending) lane->wait();
            const auto host = lane->host(lane->to_send, count);
            std::memcpy(host.mutable_data_ptr(), static_cast<const char *>(bytes) + first, count);
            lane->is_sending = true;
            target.narrow(0, static_cast<int64_t>(first), count).copy_(host, /*non_blocking=*/true);
        }
        return tensor;
    });
}

CTStatus ct_lane_receive(ct_lane *lane, const ct_tensor *tensor, float *values, size_t count) {
    return guarded([&] {
        const auto found = tensor->value.detach().to(at::kFloat).contiguous();
        TORCH_CHECK(
            found.numel() == static_cast<int64_t>(count), "the tensor has ", found.numel(), " elements, not ", count);
        const auto host = lane->host(lane->received, static_cast<int64_t>(found.nbytes()));
        if (count > 0) host.view(at::kFloat).view(found.sizes()).copy_(found, /*non_blocking=*/true);
        lane->wait();
        if (count > 0) std::memcpy(values, host.const_data_ptr(), found.nbytes());
    });
}

CTStatus ct_lane_wait(ct_lane *lane) {
    return guarded([&] { lane->wait(); });
}

CTStatus ct_hand_over(const ct_tensor *tensor, ct_tensor_out out) {
    return yields(out, [&] {
        const at::Tensor &value = tensor->value;
        const c10::impl::VirtualGuardImpl queues(value.device().type());
        const auto stream = queues.getStream(value.device());
        // Not recordDataPtrOnStream, after which the allocator asks the device when the last owner lets go: in a destructor, where
        // a lost device would end the process.
        auto held = std::make_unique<at::Tensor>(value);
        auto free = [held = held.get(), queues, stream](void *) {
            if (is_done(queues, stream)) delete held;
        };
        auto shared = at::from_blob(
            value.mutable_data_ptr(), value.sizes(), value.strides(), std::move(free), value.options(), value.device());
        held.release();
        return shared;
    });
}

CTStatus ct_wait(int32_t device) {
    return guarded([&] {
        const auto place = device_of(device);
        const c10::impl::VirtualGuardImpl queues(place.type());
        queues.synchronizeStream(queues.getStream(place));
    });
}
