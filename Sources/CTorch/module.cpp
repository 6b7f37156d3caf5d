#include "ctorch_module.h"
#include "support.hpp"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <caffe2/serialize/read_adapter_interface.h>
#include <cstring>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

struct ct_module {
    torch::jit::Module value;
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

} // namespace

CTStatus ct_module_load(const void *bytes, size_t byte_count, int32_t device, ct_module_out out) {
    return guarded([&] {
        auto module = torch::jit::load(std::make_shared<MemoryReader>(bytes, byte_count), device_of(device));
        module.eval();
        *out = new ct_module{torch::jit::freeze(module)};
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
        return module->value.get_method("forward")({input->value}).toTensor();
    });
}

void ct_module_free(ct_module *module) { delete module; }
