#pragma once
#include <lcms2.h>

// The macro is one that Swift cannot say.
static inline cmsUInt32Number clcms_rgb_8(void) { return TYPE_RGB_8; }
