#pragma once

#include "ctiff_pixel_format.h"
#include "ctiff_tiles.h"
#include "ctiff_writer.h"
