/// Where a slide's microns-per-pixel number came from.
public enum MPPSource: String, Codable, Sendable {
    /// `--slide-mpp` on the command line or `tiling.slide_mpp` in the config.
    case option
    /// A row of `--mpp-csv`.
    case table
    /// `openslide.mpp-x` and `openslide.mpp-y`.
    case property
    /// `PhysicalSizeX` and `PhysicalSizeY` of an OME-TIFF.
    case ome
    /// The TIFF resolution tags, per centimetre.
    case tiffCentimetre = "tiff_centimetre"
    /// The TIFF resolution tags, per inch; only with `--mpp-from-tiff`.
    case tiffInch = "tiff_inch"
}

/// A slide's scale at level 0.
public struct SlideScale: Codable, Equatable, Sendable {
    /// Microns per pixel at level 0, mean of x and y.
    public var mpp: Double
    public var source: MPPSource

    public init(mpp: Double, source: MPPSource) {
        self.mpp = mpp
        self.source = source
    }
}

/// A size in pixels.
public struct PixelSize: Codable, Equatable, Hashable, Sendable {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

/// A point in level-0 pixels of the slide.
public struct PixelPoint: Codable, Equatable, Hashable, Sendable {
    public var x: Int
    public var y: Int

    public init(x: Int, y: Int) {
        self.x = x
        self.y = y
    }
}

/// An axis-parallel rectangle in level-0 pixels.
public struct PixelRect: Codable, Equatable, Hashable, Sendable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int

    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

extension PixelRect {
    /// The part of it on a slide of this size; empty, at the nearest edge, where nothing of it is there.
    public func clipped(to slide: PixelSize) -> PixelRect {
        func span(_ start: Int, _ length: Int, _ end: Int) -> (start: Int, length: Int) {
            let low = min(max(start, 0), end)
            return (low, min(max(start + length, low), end) - low)
        }
        let (columns, rows) = (span(x, width, slide.width), span(y, height, slide.height))
        return PixelRect(x: columns.start, y: rows.start, width: columns.length, height: rows.length)
    }

    /// The share of it that lies outside of a slide of this size, 0 to 1.
    public func shareOutside(_ slide: PixelSize) -> Double {
        let inside = clipped(to: slide)
        return 1 - Double(inside.width) / Double(width) * (Double(inside.height) / Double(height))
    }
}

/// How patches are read from the pyramid (docs/decisions/004).
public struct PatchGeometry: Codable, Equatable, Sendable {
    /// Side of a patch in pixels as the encoder sees it.
    public var patchSize: Int
    /// Overlap of neighbours in pixels at the target scale.
    public var overlap: Int
    /// The µm per pixel that was asked for.
    public var targetMPP: Double
    /// The µm per pixel that a patch really has; equals `targetMPP` where patches are resampled.
    public var mpp: Double
    /// Side of a patch in level-0 pixels.
    public var sideLevel0: Int
    /// Distance of neighbouring patches in level-0 pixels.
    public var stepLevel0: Int
    /// Pyramid level that is read.
    public var level: Int
    /// Downsample factor of that level against level 0.
    public var levelDownsample: Double
    /// Side of a patch in pixels of that level; equal to `patchSize` where nothing is resampled.
    public var sideAtLevel: Int

    public init(
        patchSize: Int,
        overlap: Int,
        targetMPP: Double,
        mpp: Double,
        sideLevel0: Int,
        stepLevel0: Int,
        level: Int,
        levelDownsample: Double,
        sideAtLevel: Int
    ) {
        self.patchSize = patchSize
        self.overlap = overlap
        self.targetMPP = targetMPP
        self.mpp = mpp
        self.sideLevel0 = sideLevel0
        self.stepLevel0 = stepLevel0
        self.level = level
        self.levelDownsample = levelDownsample
        self.sideAtLevel = sideAtLevel
    }

    /// `target_magnification` of TRIDENT's files: 10 µm divided by the target µm per pixel.
    public var targetMagnification: Double { 10 / targetMPP }

    /// `level0_magnification` of TRIDENT's files, chosen so that its reader cuts the same region.
    public var level0Magnification: Double { targetMagnification * Double(sideLevel0) / Double(patchSize) }
}

/// The kept patches of one slide; their order is the row order of every array after (y outer, x inner).
public struct PatchGrid: Equatable, Sendable {
    public var slide: SlideID
    public var geometry: PatchGeometry
    public var scale: SlideScale
    /// Size of level 0.
    public var slideSize: PixelSize
    /// The slide's non-empty bounds (OpenSlide's `bounds-*`), or all of level 0.
    public var bounds: PixelRect
    /// Top-left corners in level-0 pixels, row-major.
    public var corners: [PixelPoint]

    public init(
        slide: SlideID,
        geometry: PatchGeometry,
        scale: SlideScale,
        slideSize: PixelSize,
        bounds: PixelRect,
        corners: [PixelPoint]
    ) {
        self.slide = slide
        self.geometry = geometry
        self.scale = scale
        self.slideSize = slideSize
        self.bounds = bounds
        self.corners = corners
    }

    public var count: Int { corners.count }

    /// A patch in level-0 pixels; at the right and the bottom edge it may reach beyond the slide.
    public func rect(of corner: PixelPoint) -> PixelRect {
        PixelRect(x: corner.x, y: corner.y, width: geometry.sideLevel0, height: geometry.sideLevel0)
    }
}
