#pragma once
#include "ctiff_writer.h"
