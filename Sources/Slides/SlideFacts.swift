public import Records

/// The properties of a slide that may leave it. A closed list: scanners also write names, dates, users, file names and
/// barcodes into the same place, and none of those is ever passed on.
public struct SlideFacts: Codable, Equatable, Sendable {
    public var vendor: String
    public var size: PixelSize
    public var levels: [Pyramid.Level]
    public var bounds: PixelRect
    /// µm per pixel of level 0, where the format itself defines them; nil for a generic TIFF, whose value is only a resolution
    /// tag.
    public var mppX: Double?
    public var mppY: Double?
    public var objectivePower: Double?
    public var hasICCProfile: Bool
    /// Where each of several scenes lies, in level-0 pixels, the first of them scene 1; nil for a slide of one piece. Those that are
    /// images of their own all begin at (0, 0), each in its own pixels.
    public var scenes: [PixelRect]?

    enum CodingKeys: String, CodingKey {
        case vendor, size, levels, bounds, scenes
        case mppX = "mpp_x"
        case mppY = "mpp_y"
        case objectivePower = "objective_power"
        case hasICCProfile = "has_icc_profile"
    }

    init(_ account: SlideAccount, _ pyramid: Pyramid) {
        vendor = account.vendor
        size = pyramid.size
        levels = pyramid.levels
        bounds = pyramid.bounds
        (mppX, mppY) = (account.mppX, account.mppY)
        objectivePower = account.objectivePower
        hasICCProfile = account.hasICCProfile
        scenes = account.scenes.count > 1 ? account.scenes : nil
    }
}
