#pragma once

#include "ctiff_directories.h"
#include "ctiff_writer.h"
