#pragma once

#include "ctorch_activation.h"
#include "ctorch_autograd.h"
#include "ctorch_base.h"
#include "ctorch_inference.h"
#include "ctorch_instances.h"
#include "ctorch_layers.h"
#include "ctorch_math.h"
#include "ctorch_module.h"
#include "ctorch_optimizer.h"
#include "ctorch_reduce.h"
#include "ctorch_shape.h"
#include "ctorch_tensor.h"
