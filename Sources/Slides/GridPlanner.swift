public import Records
public import Storage

/// Where the patches of a slide lie (design decision 4): microns, not magnification buckets.
public enum GridPlanner {
    /// How patches are cut from a pyramid at the config's target scale.
    ///
    /// A level within 2 % of the target is taken as it is, with its true µm; otherwise the side is rounded in level 0 and
    /// the level at or just above the target's resolution is area-resampled. Up to 5 % of enlarging is always allowed,
    /// since scanners of one nominal magnification differ by that much; more is invented detail, so it must be asked for.
    /// - Throws: `SlideError.upsampling`, `.geometry`.
    public static func geometry(of pyramid: Pyramid, mpp: Double, config: TilingConfig) throws -> PatchGeometry {
        func deviation(_ level: Int) -> Double { abs(mpp * pyramid.levels[level].downsample / config.mpp - 1) }
        let kept = config.patchSize - config.overlap
        if let level = pyramid.levels.indices.min(by: { deviation($0) < deviation($1) }), deviation(level) <= 0.02 {
            let downsample = pyramid.levels[level].downsample
            return PatchGeometry(
                patchSize: config.patchSize,
                overlap: config.overlap,
                targetMPP: config.mpp,
                mpp: mpp * downsample,
                sideLevel0: rounded(Double(config.patchSize) * downsample),
                stepLevel0: rounded(Double(kept) * downsample),
                level: level,
                levelDownsample: downsample,
                sideAtLevel: config.patchSize
            )
        }
        guard mpp <= config.mpp * 1.05 || config.allowUpsampling else {
            throw SlideError.upsampling(slideMPP: mpp, targetMPP: config.mpp)
        }
        let level = pyramid.coarsestLevel(upTo: config.mpp / mpp)
        let downsample = pyramid.levels[level].downsample
        let side = rounded(Double(config.patchSize) * config.mpp / mpp)
        let sideAtLevel = rounded(Double(side) / downsample)
        guard sideAtLevel <= largestSide else {
            throw SlideError.geometry(
                "no level near \(config.mpp) µm per pixel: a patch would be read as \(sideAtLevel) pixels of level \(level)"
            )
        }
        return PatchGeometry(
            patchSize: config.patchSize,
            overlap: config.overlap,
            targetMPP: config.mpp,
            mpp: config.mpp,
            sideLevel0: side,
            stepLevel0: rounded(Double(kept) * config.mpp / mpp),
            level: level,
            levelDownsample: downsample,
            sideAtLevel: sideAtLevel
        )
    }

    /// Corners of the kept patches, y outer, x inner: a grid from the corner of the slide's bounds, without patches that
    /// cross the slide's edge, of those with at least the wanted fraction of tissue.
    /// - Parameter within: kept are patches with their centre in one of these parts; nil: all.
    /// - Throws: `SlideError.tooManyPatches` over the config's limit.
    public static func corners(
        in pyramid: Pyramid,
        _ geometry: PatchGeometry,
        tissue mask: TissueMask,
        config: TilingConfig,
        within: GeoJSON? = nil
    ) throws -> [PixelPoint] {
        let (size, bounds) = (pyramid.size, pyramid.bounds)
        let (right, bottom) = (min(bounds.x + bounds.width, size.width), min(bounds.y + bounds.height, size.height))
        let (side, step) = (geometry.sideLevel0, geometry.stepLevel0)
        let columns = (right - bounds.x - 1) / step + 1
        let rows = (bottom - bounds.y - 1) / step + 1
        let (candidates, overflow) = columns.multipliedReportingOverflow(by: rows)
        let (limit, tooLarge) = config.maxPatches.multipliedReportingOverflow(by: candidatesPerPatch)
        guard !overflow, tooLarge || candidates <= limit else {
            throw SlideError.tooManyPatches(limit: config.maxPatches)
        }
        guard mask.facts.emptyReason == nil else { return [] }
        let coverage = TissueCoverage(mask)
        var corners: [PixelPoint] = []
        for row in 0..<rows {
            for column in 0..<columns {
                let rect = PixelRect(x: bounds.x + column * step, y: bounds.y + row * step, width: side, height: side)
                guard isInside(rect, pyramid, geometry), within?.contains(rect.centre) ?? true else { continue }
                let fraction = coverage.fraction(of: rect)
                guard fraction > 0, fraction >= config.minTissue - 1e-9 else { continue }
                guard corners.count < config.maxPatches else {
                    throw SlideError.tooManyPatches(limit: config.maxPatches)
                }
                corners.append(PixelPoint(x: rect.x, y: rect.y))
            }
        }
        return corners
    }

    private static func isInside(_ rect: PixelRect, _ pyramid: Pyramid, _ geometry: PatchGeometry) -> Bool {
        rect.x + rect.width <= pyramid.size.width && rect.y + rect.height <= pyramid.size.height
            && pyramid.contains(
                level: geometry.level,
                x: rect.x,
                y: rect.y,
                width: geometry.sideAtLevel,
                height: geometry.sideAtLevel
            )
    }

    /// At least 1: values come from checked configs and scales, so they are finite and far from overflow.
    private static func rounded(_ value: Double) -> Int { max(1, Int(value.rounded())) }

    /// A patch is read at once; 4096 pixels of 16-fold resampling are more than any use has.
    private static let largestSide = 8192
    /// Tissue covers more than a 200th of every slide worth tiling; the limit keeps a hostile size from a long loop.
    private static let candidatesPerPatch = 200
}

extension PixelRect {
    fileprivate var centre: PlanePoint {
        PlanePoint(x: Double(x) + Double(width) / 2, y: Double(y) + Double(height) / 2)
    }
}
