#include "ctorch_lane.h"
#include "support.hpp"

#include <ATen/ops/empty.h>
#include <c10/core/Stream.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <cstring>

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

void ct_lane_free(ct_lane *lane) { delete lane; }

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
        if (lane->is_sending) lane->wait();
        const auto host = lane->host(lane->to_send, static_cast<int64_t>(byte_count));
        std::memcpy(host.mutable_data_ptr(), bytes, byte_count);
        lane->is_sending = true;
        return tensor.copy_(host.view(type_of(dtype)).view(tensor.sizes()), /*non_blocking=*/true);
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

CTStatus ct_hand_over(const ct_tensor *tensor) {
    return guarded([&] {
        const at::Tensor &value = tensor->value;
        const c10::impl::VirtualGuardImpl queues(value.device().type());
        queues.recordDataPtrOnStream(value.storage().data_ptr(), queues.getStream(value.device()));
    });
}

CTStatus ct_wait(int32_t device) {
    return guarded([&] {
        const auto place = device_of(device);
        const c10::impl::VirtualGuardImpl queues(place.type());
        queues.synchronizeStream(queues.getStream(place));
    });
}
