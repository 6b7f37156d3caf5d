public import Config
public import Records

/// Where the patches of a slide lie (docs/decisions/004): microns, not magnification buckets.
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
        if let level = pyramid.usable.min(by: { deviation($0) < deviation($1) }), deviation(level) <= 0.02 {
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

    /// As above, from a level of the slide that shows what its level 0 shows.
    public static func geometry(of slide: Slide, mpp: Double, config: TilingConfig) throws -> PatchGeometry {
        try slide.choosing(\.level) { try geometry(of: $0, mpp: mpp, config: config) }
    }

    /// Columns and rows of the grid: one from the corner of the slide's bounds whose patches all have their corner inside
    /// them, so that the last ones may reach beyond the bounds and, where `edge` lets them, beyond the slide.
    public static func candidates(on pyramid: Pyramid, _ geometry: PatchGeometry, _ edge: TilingConfig.Edge)
        -> PixelSize
    {
        func count(_ start: Int, _ length: Int, _ end: Int) -> Int {
            let last = min(start + length - 1, edge == .pad ? end - 1 : end - geometry.sideLevel0)
            return last < start ? 0 : (last - start) / geometry.stepLevel0 + 1
        }
        let (size, bounds) = (pyramid.size, pyramid.bounds)
        return PixelSize(
            width: count(bounds.x, bounds.width, size.width),
            height: count(bounds.y, bounds.height, size.height)
        )
    }

    /// Corners of the kept patches, y outer, x inner: of all candidates those with at least the wanted fraction of tissue,
    /// and that fraction of each. It is one of the whole patch: what lies outside the slide is no tissue.
    /// - Throws: `SlideError.tooManyPatches` over the config's limit.
    public static func corners(
        in pyramid: Pyramid,
        _ geometry: PatchGeometry,
        tissue mask: TissueMask,
        config: TilingConfig
    ) throws -> (corners: [PixelPoint], tissue: [Float]) {
        let (bounds, side, step) = (pyramid.bounds, geometry.sideLevel0, geometry.stepLevel0)
        let grid = candidates(on: pyramid, geometry, config.edge)
        let (candidates, overflow) = grid.width.multipliedReportingOverflow(by: grid.height)
        let (limit, tooLarge) = config.maxPatches.multipliedReportingOverflow(by: candidatesPerPatch)
        guard !overflow, tooLarge || candidates <= limit else {
            throw SlideError.tooManyPatches(limit: config.maxPatches)
        }
        guard mask.facts.emptyReason == nil else { return ([], []) }
        let coverage = Coverage(mask)
        var corners: [PixelPoint] = []
        var tissue: [Float] = []
        for row in 0..<grid.height {
            for column in 0..<grid.width {
                let rect = PixelRect(x: bounds.x + column * step, y: bounds.y + row * step, width: side, height: side)
                guard canBeRead(rect, pyramid, geometry, config.edge) else { continue }
                let fraction =
                    coverage.fraction(of: rect.clipped(to: pyramid.size)) * (1 - rect.shareOutside(pyramid.size))
                guard fraction > 0, fraction >= config.minTissue - 1e-9 else { continue }
                guard corners.count < config.maxPatches else {
                    throw SlideError.tooManyPatches(limit: config.maxPatches)
                }
                corners.append(PixelPoint(x: rect.x, y: rect.y))
                tissue.append(Float(min(fraction, 1)))
            }
        }
        return (corners, tissue)
    }

    /// Scanners drop the remainder when they reduce, so that a level may end before the slide does.
    private static func canBeRead(
        _ rect: PixelRect,
        _ pyramid: Pyramid,
        _ geometry: PatchGeometry,
        _ edge: TilingConfig.Edge
    ) -> Bool {
        let side = geometry.sideAtLevel
        let place = LevelRect(level: geometry.level, x: rect.x, y: rect.y, width: side, height: side)
        guard let inside = pyramid.inside(place) else { return false }
        return edge == .pad || (inside.width == side && inside.height == side)
    }

    /// At least 1: values come from checked configs and scales, so they are finite and far from overflow.
    private static func rounded(_ value: Double) -> Int { max(1, Int(value.rounded())) }

    /// A patch is read at once; 4096 pixels of 16-fold resampling are more than any use has.
    private static let largestSide = 8192
    /// Tissue covers more than a 200th of every slide worth tiling; the limit keeps a hostile size from a long loop.
    private static let candidatesPerPatch = 200
}
