public import Records

/// The `tiling` section of a config: what a patch is, and which ones are kept.
public struct TilingConfig: Codable, Equatable, Sendable {
    /// Target µm per pixel.
    public var mpp = 0.5
    /// Side of a patch in pixels at the target scale.
    public var patchSize = 256
    /// Overlap of neighbours in pixels at the target scale.
    public var overlap = 0
    /// Kept are patches with at least this fraction of tissue; 0 keeps every patch that touches tissue.
    public var minTissue = 0.25
    /// What becomes of patches that reach beyond the right or the bottom edge of the slide.
    public var edge = Edge.pad
    /// µm per pixel at level 0 of every slide; wins over what the slides say.
    public var slideMPP: Double?
    /// CSV with µm per pixel of single slides, which wins over `slideMPP`; columns `slide_id` or `wsi`, and `mpp`.
    public var mppCSV: String?
    /// Accept a TIFF resolution per inch (often a printer's 72 dpi, hence off).
    public var mppFromTIFF = false
    /// Take patches also from slides more than 5 % coarser than `mpp`, enlarged: detail that was never scanned.
    public var allowUpsampling = false
    public var mask = MaskConfig()
    /// Upper limit of patches of one slide.
    public var maxPatches = 500_000
    /// Patches with a larger share under pen ink are left out; nil keeps them.
    public var excludeInk: Double?
    /// Patches with less focus are left out; nil keeps them.
    public var minFocus: Double?
    /// Whose focus is measured; all patches' where `minFocus` asks for it.
    public var quality = Quality.sample
    /// A file of regions for the one slide, or a folder with one file for each slide.
    public var regions: String?
    /// What the regions' coordinates count from; nil: what their file says, else the slide's bounds.
    public var regionsOrigin: CoordinateOrigin?
    /// Whether regions limit the tissue that is found, or are taken instead of it.
    public var regionsMode = RegionsMode.restrict

    public enum Edge: String, ConfigChoice {
        /// They are taken like any other: what lies outside the slide is white, and no tissue.
        case pad
        /// They are left out, so that up to a patch's side of the slide is looked at by none.
        case drop
    }

    public enum Quality: String, ConfigChoice {
        /// Of those at 64 places, evenly spread over the slide.
        case sample
        /// Of every patch.
        case full
    }

    public enum RegionsMode: String, ConfigChoice { case restrict, replace }

    /// µm per pixel that a slide or a target may have.
    public static let plausibleMPP = 0.05...20.0

    public init() {}

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case mpp
        case patchSize = "patch_size"
        case overlap
        case minTissue = "min_tissue"
        case edge
        case slideMPP = "slide_mpp"
        case mppCSV = "mpp_csv"
        case mppFromTIFF = "mpp_from_tiff"
        case allowUpsampling = "allow_upsampling"
        case mask
        case maxPatches = "max_patches"
        case excludeInk = "exclude_ink"
        case minFocus = "min_focus"
        case quality
        case regions
        case regionsOrigin = "regions_origin"
        case regionsMode = "regions_mode"
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.mpp, into: &mpp)
        try reader.read(.patchSize, into: &patchSize)
        try reader.read(.overlap, into: &overlap)
        try reader.read(.minTissue, into: &minTissue)
        try reader.read(.edge, into: &edge)
        try reader.read(.slideMPP, into: &slideMPP)
        try reader.read(.mppCSV, into: &mppCSV)
        try reader.read(.mppFromTIFF, into: &mppFromTIFF)
        try reader.read(.allowUpsampling, into: &allowUpsampling)
        try reader.read(.mask, into: &mask)
        try reader.read(.maxPatches, into: &maxPatches)
        try reader.read(.excludeInk, into: &excludeInk)
        try reader.read(.minFocus, into: &minFocus)
        try reader.read(.quality, into: &quality)
        try reader.read(.regions, into: &regions)
        try reader.read(.regionsOrigin, into: &regionsOrigin)
        try reader.read(.regionsMode, into: &regionsMode)
    }

    /// - Throws: `ConfigError` naming the key below `path` and the allowed range.
    public func validate(at path: String = "tiling") throws {
        let plausible = Self.plausibleMPP
        func range(_ key: CodingKeys, _ holds: Bool, _ allowed: String) throws {
            try ConfigError.check(holds, "\(path).\(key.rawValue)", "\(allowed) is wanted here")
        }
        try ConfigError.checkNotEmpty(mppCSV, "\(path).\(CodingKeys.mppCSV.rawValue)")
        try ConfigError.checkNotEmpty(regions, "\(path).\(CodingKeys.regions.rawValue)")
        try range(.mpp, plausible.contains(mpp), "a number of µm from 0.05 to 20")
        try range(.patchSize, (16...4096).contains(patchSize), "a whole number from 16 to 4096")
        try range(.overlap, (0..<patchSize).contains(overlap), "a whole number from 0 to patch_size - 1")
        try range(.minTissue, (0...1).contains(minTissue), "a number from 0 to 1")
        try range(.slideMPP, slideMPP.map(plausible.contains) ?? true, "a number of µm from 0.05 to 20, or null,")
        try range(.maxPatches, (1...10_000_000).contains(maxPatches), "a whole number from 1 to 10000000")
        try range(.excludeInk, excludeInk.map((0...1).contains) ?? true, "a number from 0 to 1, or null,")
        try range(.minFocus, minFocus.map((0...1).contains) ?? true, "a number from 0 to 1, or null,")
        try ConfigError.check(
            excludeInk == nil || mask.background == .bright,
            "\(path).\(CodingKeys.excludeInk.rawValue)",
            "ink is not told on a dark background; leave this out"
        )
        try ConfigError.check(
            minFocus == nil || mask.background == .bright,
            "\(path).\(CodingKeys.minFocus.rawValue)",
            "focus is not told on a dark background; leave this out"
        )
        try mask.validate(at: "\(path).mask")
    }
}

/// How tissue is told from glass; the sizes are physical, so that they mean the same on every scanner.
public struct MaskConfig: Codable, Equatable, Sendable {
    /// Wanted µm per mask pixel; the mask takes the nearest whole multiple of a pyramid level's.
    public var maskMPP = 8.0
    /// Gaps narrower than this many µm are closed.
    public var closeUM = 32.0
    /// Tissue regions smaller than this many µm² are dropped.
    public var minAreaUM2 = 40_000.0
    /// Holes smaller than this many µm² are filled.
    public var minHoleUM2 = 40_000.0
    /// What the slides' background is; a dark one is refused unless it is named here.
    public var background = Background.bright

    public enum Background: String, ConfigChoice {
        /// Glass in transmitted light; tissue is what has colour.
        case bright
        /// Fluorescence; tissue is what shines.
        case dark
    }

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case maskMPP = "mask_mpp"
        case closeUM = "close_um"
        case minAreaUM2 = "min_area_um2"
        case minHoleUM2 = "min_hole_um2"
        case background
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.maskMPP, into: &maskMPP)
        try reader.read(.closeUM, into: &closeUM)
        try reader.read(.minAreaUM2, into: &minAreaUM2)
        try reader.read(.minHoleUM2, into: &minHoleUM2)
        try reader.read(.background, into: &background)
    }

    public func validate(at path: String) throws {
        func range(_ key: CodingKeys, _ holds: Bool, _ allowed: String) throws {
            try ConfigError.check(holds, "\(path).\(key.rawValue)", "\(allowed) is wanted here")
        }
        try range(.maskMPP, (1...64).contains(maskMPP), "a number of µm from 1 to 64")
        try range(.closeUM, (0...1000).contains(closeUM), "a number of µm from 0 to 1000")
        try range(.minAreaUM2, (0...1e9).contains(minAreaUM2), "a number of µm² from 0 to 1e9")
        try range(.minHoleUM2, (0...1e9).contains(minHoleUM2), "a number of µm² from 0 to 1e9")
    }
}
