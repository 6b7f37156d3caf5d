#pragma once
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

/// Outlines with light vertical hinting: even strokes, while letters keep their places to a fraction of a pixel.
static inline FT_Int32 freetype_light_outline(void) { return FT_LOAD_TARGET_LIGHT | FT_LOAD_NO_BITMAP; }
