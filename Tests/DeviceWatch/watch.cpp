#include "CDeviceWatch.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <ATen/ops/zeros.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <string>
#include <torch/library.h>

namespace {

/// Above gradients, so that what is asked for is seen and not what LibTorch makes of it.
constexpr auto key = c10::DispatchKey::TESTING_ONLY_GenericMode;

thread_local int64_t reads = 0;

struct Places {
    bool device = false, host = false;

    void add(const at::Tensor &tensor, bool may_be_number) {
        if (!tensor.defined()) return;
        if (tensor.is_meta()) device = true;
        else if (tensor.dim() > 0 || !may_be_number) host = true;
    }
};

Places places_of(c10::ArrayRef<c10::IValue> arguments) {
    Places places;
    for (const auto &argument : arguments) {
        if (argument.isTensor()) {
            places.add(argument.toTensor(), /*may_be_number=*/true);
        } else if (argument.isList()) {
            // What is joined has to lie in one place altogether.
            for (const c10::IValue &element : argument.toListRef())
                if (element.isTensor()) places.add(element.toTensor(), /*may_be_number=*/false);
        }
    }
    return places;
}

/// Whether the operator is to bring a tensor of the device to the host; then its zeros stand in place of the arguments.
bool is_read(const c10::OperatorHandle &op, const std::string &name, torch::jit::Stack *stack) {
    if (name != "aten::to" && name != "aten::_to_copy") return false;
    const auto &schema = op.schema();
    const auto arguments = torch::jit::last(*stack, schema.arguments().size());
    const auto place = schema.argumentIndexWithName("device");
    const at::Tensor tensor = arguments[0].toTensor();
    if (!tensor.is_meta() || !place || !arguments[*place].isDevice() || !arguments[*place].toDevice().is_cpu())
        return false;
    const auto type = schema.argumentIndexWithName("dtype");
    const bool has_type = type && !arguments[*type].isNone();
    const auto wanted = has_type ? arguments[*type].toScalarType() : tensor.scalar_type();
    auto zeros = at::zeros(tensor.sizes(), at::TensorOptions(wanted));
    torch::jit::drop(*stack, schema.arguments().size());
    torch::jit::push(*stack, std::move(zeros));
    ++reads;
    return true;
}

void look(const c10::OperatorHandle &op, torch::jit::Stack *stack) {
    c10::impl::ExcludeDispatchKeyGuard once(key);
    const std::string name = op.schema().name();
    if (is_read(op, name, stack)) return;
    const auto places = places_of(torch::jit::last(*stack, op.schema().arguments().size()));
    TORCH_CHECK(
        !places.device || !places.host || name == "aten::copy_", name,
        ": Expected all tensors to be on the same device, found some on the device and some on the host");
    op.callBoxed(stack);
}

} // namespace

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, library) {
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&look>());
}

void device_watch_begin(void) {
    reads = 0;
    c10::impl::tls_set_dispatch_key_included(key, true);
}

int64_t device_watch_end(void) {
    c10::impl::tls_set_dispatch_key_included(key, false);
    return reads;
}
