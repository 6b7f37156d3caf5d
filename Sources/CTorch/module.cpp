#include "ctorch_module.h"
#include "support.hpp"

#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <caffe2/serialize/read_adapter_interface.h>
#include <cstring>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/autocast.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

struct ct_module {
    torch::jit::Module value;
    bool in_bf16;
};

namespace {

/// Lets LibTorch read a file that is already in memory.
class MemoryReader final : public caffe2::serialize::ReadAdapterInterface {
  public:
    MemoryReader(const void *bytes, size_t count) : bytes_(static_cast<const char *>(bytes)), count_(count) {}

    size_t size() const override { return count_; }

    size_t read(uint64_t position, void *buffer, size_t wanted, const char *) const override {
        if (position >= count_) return 0;
        const size_t given = std::min<size_t>(wanted, count_ - position);
        std::memcpy(buffer, bytes_ + position, given);
        return given;
    }

  private:
    const char *bytes_;
    size_t count_;
};

/// PyTorch's autocast to bf16 on this thread, as long as this lives: what it sets is put back. No weight that it converts is
/// kept, so that none outlives its module.
class Autocast final {
  public:
    explicit Autocast(c10::DeviceType device)
        : device_(device), was_enabled_(at::autocast::is_autocast_enabled(device)),
          was_cached_(at::autocast::is_autocast_cache_enabled()), dtype_(at::autocast::get_autocast_dtype(device)) {
        at::autocast::set_autocast_dtype(device, at::kBFloat16);
        at::autocast::set_autocast_cache_enabled(false);
        at::autocast::set_autocast_enabled(device, true);
    }

    ~Autocast() {
        at::autocast::set_autocast_enabled(device_, was_enabled_);
        at::autocast::set_autocast_cache_enabled(was_cached_);
        at::autocast::set_autocast_dtype(device_, dtype_);
    }

    Autocast(const Autocast &) = delete;
    Autocast &operator=(const Autocast &) = delete;

  private:
    const c10::DeviceType device_;
    const bool was_enabled_, was_cached_;
    const c10::ScalarType dtype_;
};

} // namespace

CTStatus ct_module_load(const void *bytes, size_t byte_count, int32_t device, bool in_bf16,
                        ct_module_out out) {
    return guarded([&] {
        const auto place = device_of(device);
        auto module = torch::jit::load(std::make_shared<MemoryReader>(bytes, byte_count), place);
        module.eval();
        auto frozen = torch::jit::freeze(module);
        if (in_bf16) {
            // The dispatcher alone does not know the convolutions of a trace: TorchScript's own pass puts casts around them.
            Autocast autocast(place.type());
            torch::jit::Autocast(frozen.get_method("forward").graph());
        }
        *out = new ct_module{std::move(frozen), in_bf16};
    });
}

CTStatus ct_module_is_constant(const ct_module *module, bool *out) {
    // The first input of the graph is the module itself.
    return guarded([&] { *out = !module->value.get_method("forward").graph()->inputs().at(0)->hasUses(); });
}

CTStatus ct_module_forward(const ct_module *module, const ct_tensor *input, ct_tensor_out out) {
    return yields(out, [&] {
        at::NoGradGuard without_grad;
        // The profiling executor rewrites the graph after the first calls, which may change the last bits.
        torch::jit::GraphOptimizerEnabledGuard unprofiled(false);
        std::optional<Autocast> autocast;
        if (module->in_bf16) autocast.emplace(input->value.device().type());
        return module->value.get_method("forward")({input->value}).toTensor();
    });
}

void ct_module_free(ct_module *module) { delete module; }
