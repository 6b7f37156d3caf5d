import COpenSlide
import Foundation
import Imaging
import Records

/// One open OpenSlide object; every call looks for its error afterwards, because an error is for the object's whole life
/// and all later answers are then zeros.
final class OpenSlideReader: SlideReader {
    private let slide: OpaquePointer
    private let profiles: OpenSlideProfiles?

    /// nil where no reader of OpenSlide knows the file.
    /// - Parameter profiles: nil where the library has none to give.
    init?(path: String, profiles: OpenSlideProfiles? = .loaded) throws {
        _ = TIFFFile.silence
        guard let slide = openslide_open(path) else { return nil }
        (self.slide, self.profiles) = (slide, profiles)
        try check()
    }

    deinit { openslide_close(slide) }

    static var version: String { String(cString: openslide_get_version()) }

    func account() throws -> SlideAccount {
        let count = Int(openslide_get_level_count(slide))
        try check()
        let levels = try (0..<max(0, min(count, SlideAccount.mostLevels))).map { try level(Int32($0)) }
        return SlideAccount(
            levelCount: count,
            levels: levels,
            openSlide: try properties(),
            saysProfiles: profiles != nil
        )
    }

    func read(_ place: LevelRect, into pixels: UnsafeMutablePointer<UInt32>) throws {
        openslide_read_region(
            slide,
            pixels,
            Int64(place.x),
            Int64(place.y),
            Int32(place.level),
            Int64(place.width),
            Int64(place.height)
        )
        try check()
    }

    var openSlide: String? { Self.version }
    var handsOutProfiles: Bool { profiles != nil }

    /// What version 3 cannot hand out stays in the file.
    func iccProfile() throws -> [UInt8]? {
        if let profiles { return try profiles.profile(of: slide, check: check) }
        guard try account().hasICCProfile else { return nil }
        throw SlideFault(text: "OpenSlide \(Self.version) cannot hand out the slide's colour profile; OpenSlide 4 can")
    }

    private func level(_ index: Int32) throws -> SlideAccount.Level {
        var width: Int64 = -1
        var height: Int64 = -1
        openslide_get_level_dimensions(slide, index, &width, &height)
        let downsample = openslide_get_level_downsample(slide, index)
        try check()
        return SlideAccount.Level(width: width, height: height, downsample: downsample)
    }

    /// Of every name.
    private func properties() throws -> [String: String] {
        guard let names = openslide_get_property_names(slide) else {
            try check()
            return [:]
        }
        try check()
        var properties: [String: String] = [:]
        var index = 0
        while let name = names[index] {
            let value = openslide_get_property_value(slide, name)
            try check()
            properties[String(cString: name)] = value.map { String(cString: $0) }
            index += 1
        }
        return properties
    }

    private func check() throws {
        if let text = openslide_get_error(slide) { throw SlideFault(text: String(cString: text)) }
    }
}

extension SlideAccount {
    /// - Parameters:
    ///   - properties: by OpenSlide's names.
    ///   - saysProfiles: whether it says itself which slides have a profile; without that a property of Aperio's does.
    init(
        levelCount: Int,
        levels: [Level],
        openSlide properties: [String: String],
        saysProfiles: Bool = OpenSlideProfiles.loaded != nil
    ) {
        func number(_ name: String) -> Double? { properties[name].flatMap { Double($0) } }
        func rect(_ prefix: String) -> PixelRect? {
            let sides = ["x", "y", "width", "height"].compactMap { properties[prefix + $0].flatMap { Int($0) } }
            return sides.count == 4 ? PixelRect(x: sides[0], y: sides[1], width: sides[2], height: sides[3]) : nil
        }
        let vendor = properties["openslide.vendor"] ?? "unknown"
        let regions = (0..<Self.mostScenes).lazy.map { rect("openslide.region[\($0)].") }.prefix { $0 != nil }
        // From version 4 on OpenSlide turns a generic TIFF's resolution into mpp, per inch too; see `TIFFResolution`.
        let hasOwnScale = vendor != "generic-tiff"
        self.init(
            vendor: vendor,
            levelCount: levelCount,
            levels: levels,
            bounds: rect("openslide.bounds-"),
            scenes: Self.sayScenes.contains(vendor) ? regions.compactMap(\.self) : [],
            unplacedScenes: Self.sayScenes.contains(vendor) ? 0 : regions.count { $0 != nil },
            mppX: hasOwnScale ? number("openslide.mpp-x") : nil,
            mppY: hasOwnScale ? number("openslide.mpp-y") : nil,
            resolution: TIFFResolution(
                x: number("tiff.XResolution"),
                y: number("tiff.YResolution"),
                unit: properties["tiff.ResolutionUnit"]
            ),
            omePixel: properties["tiff.ImageDescription"].flatMap { description in
                levels.first.flatMap { level in
                    let size = PixelSize(width: Int(level.width), height: Int(level.height))
                    return OMEPixel(description: description, size: size)
                }
            },
            objectivePower: number("openslide.objective-power"),
            hasICCProfile: properties[saysProfiles ? "openslide.icc-size" : "aperio.ICC Profile"] != nil,
            background: properties["openslide.background-color"].flatMap(RGB.init(hex:)) ?? .white,
            properties: properties
        )
    }

    /// Of Ventana's regions OpenSlide does not say where it draws them, but where they would lie in a grid without gaps
    /// (docs/slides.md, Scenes).
    private static let sayScenes: Set<String> = ["leica", "zeiss"]
    private static let mostScenes = 1024
}
