public import Records

/// The properties of a slide that may leave it. A closed list: scanners also write names, dates, users, file names and
/// barcodes into the same place, and none of those is ever passed on.
public struct SlideFacts: Codable, Equatable, Sendable {
    public var vendor: String
    public var size: PixelSize
    public var levels: [Pyramid.Level]
    public var bounds: PixelRect
    /// `openslide.mpp-x` and `-y`, where the format itself defines them; nil for a generic TIFF, whose value is only a
    /// resolution tag.
    public var mppX: Double?
    public var mppY: Double?
    public var objectivePower: Double?
    public var hasICCProfile: Bool

    enum CodingKeys: String, CodingKey {
        case vendor, size, levels, bounds
        case mppX = "mpp_x"
        case mppY = "mpp_y"
        case objectivePower = "objective_power"
        case hasICCProfile = "has_icc_profile"
    }

    init(_ handle: OpenSlideHandle, vendor: String, pyramid: Pyramid) throws {
        func number(_ name: String) throws -> Double? { try handle.property(name).flatMap { Double($0) } }
        self.vendor = vendor
        size = pyramid.size
        levels = pyramid.levels
        bounds = pyramid.bounds
        // From version 4 on OpenSlide turns a generic TIFF's resolution into mpp, per inch too; see `TIFFResolution`.
        let hasOwnScale = vendor != "generic-tiff"
        mppX = hasOwnScale ? try number("openslide.mpp-x") : nil
        mppY = hasOwnScale ? try number("openslide.mpp-y") : nil
        objectivePower = try number("openslide.objective-power")
        hasICCProfile =
            try handle.property("openslide.icc-size") != nil || handle.property("aperio.ICC Profile") != nil
    }
}
