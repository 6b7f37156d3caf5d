#pragma once

#include "ctorch_base.h"

/// What a layer's result goes through before it leaves the kernel.
typedef enum CT_CLOSED_ENUM CTActivation {
    CTActivationNone = 0,
    CTActivationRelu = 1,
    /// By the error function.
    CTActivationGelu = 2,
    CTActivationTanh = 3,
    CTActivationSigmoid = 4
} CTActivation;
