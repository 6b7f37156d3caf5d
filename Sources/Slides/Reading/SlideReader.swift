import Imaging
import Records

/// An open slide file: the authority on what the slide is, its geometry, scale and pixels.
///
/// A fault is for the reader's whole life, as OpenSlide has it: after one the slide is opened anew. Calls are one for each region
/// and each opening, never one for a pixel.
protocol SlideReader: AnyObject {
    /// All that the slide says of itself; the same each time that the file is opened.
    /// - Throws: `SlideFault`.
    func account() throws -> SlideAccount

    /// Fills `pixels`, one for each of the place's in its rows' order, with premultiplied ARGB in native byte order; alpha 0 where
    /// the file has nothing.
    /// - Parameter place: inside the image, but for less than one pixel.
    /// - Throws: `SlideFault`.
    func read(_ place: LevelRect, into pixels: UnsafeMutablePointer<UInt32>) throws

    /// The tiles of a level where the reader itself decodes them, so that they need no comparison; nil where it does not.
    func tiles(of level: Int) -> (any TileSource)?

    /// The bytes of the pixels' ICC profile; nil where the slide has none.
    /// - Throws: `SlideFault`, also where the reader cannot hand it out.
    func iccProfile() throws -> [UInt8]?

    /// Whether `iccProfile` has the profile of every slide that has one.
    var handsOutProfiles: Bool { get }

    /// The version of OpenSlide, on which pixels may depend; nil for a reader that does without it.
    var openSlide: String? { get }
}

extension SlideReader {
    func tiles(of level: Int) -> (any TileSource)? { nil }
    var handsOutProfiles: Bool { true }
    var openSlide: String? { nil }
}

/// Why a reader does not give what it was asked for, in its library's words.
struct SlideFault: Error {
    let text: String
    /// Whether no reader knows what the file is.
    var isOfUnknownFormat = false
    /// What is said of the slide instead, where the reader knows more than that it cannot be opened.
    var refusal: SlideError?
}

/// What a slide says of itself.
struct SlideAccount: Equatable {
    /// As stated, unchecked.
    struct Level: CustomStringConvertible {
        var width: Int64
        var height: Int64
        var downsample: Double

        var description: String { "\(width) × \(height) (\(downsample))" }
    }

    /// The format, in the reader's words.
    var vendor: String
    /// How many there are said to be; of senselessly many only the first `mostLevels` are looked at.
    var levelCount: Int
    /// Level 0 first.
    var levels: [Level]
    /// Where the scanner saw something, in level-0 pixels; nil where the format does not say.
    var bounds: PixelRect?
    /// Where each scene of the slide lies, in level-0 pixels and the slide's order, the only one too; empty where the format has
    /// none or does not say.
    var scenes: [PixelRect] = []
    /// How many there are where the reader has them and does not say where it draws them.
    var unplacedScenes = 0
    /// µm per pixel of level 0 where the format itself defines them.
    var mppX: Double?
    var mppY: Double?
    /// The resolution tags of a TIFF.
    var resolution: TIFFResolution?
    /// Of an OME-TIFF that says it of level 0.
    var omePixel: OMEPixel?
    var objectivePower: Double?
    var hasICCProfile = false
    /// Where the scanner saw nothing.
    var background = RGB.white
    /// What contradicts itself in the file, and what was taken, in words.
    var notes: [String] = []
    /// Everything as the file has it, also what the members above were made of: two accounts are equal where these are. Names,
    /// dates, users and barcodes may be among them, so that they are compared and never told.
    var properties: [String: String] = [:]

    static let mostLevels = 64

    /// By what is written: a number that is none equals itself.
    static func == (one: SlideAccount, other: SlideAccount) -> Bool {
        one.vendor == other.vendor && one.levels.map(\.description) == other.levels.map(\.description)
            && one.properties == other.properties
    }

    /// In words, of two that are not equal.
    func difference(from other: SlideAccount) -> String {
        if levels.count != other.levels.count { return "\(levels.count) and \(other.levels.count) levels" }
        let (own, others) = (levels.map(\.description), other.levels.map(\.description))
        if own != others { return "levels of \(own) and of \(others)" }
        let names = Set(properties.keys).union(other.properties.keys).filter {
            properties[$0] != other.properties[$0]
        }
        return "another \(names.min() ?? "content")"
    }
}
