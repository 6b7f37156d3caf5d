#pragma once

#include "ctiff_pixel_format.h"
