import COpenSlide
import CTIFF
import Foundation

/// One open OpenSlide object; every call looks for its error afterwards, because an error is for the object's whole life
/// and all later answers are then zeros.
final class OpenSlideHandle {
    /// The text OpenSlide gave.
    struct Fault: Error {
        let text: String
    }

    private let slide: OpaquePointer

    /// nil where no reader of OpenSlide knows the file.
    init?(path: String) throws {
        _ = Self.silence
        guard let slide = openslide_open(path) else { return nil }
        self.slide = slide
        try check()
    }

    deinit { openslide_close(slide) }

    static var version: String { String(cString: openslide_get_version()) }

    func levelCount() throws -> Int {
        let count = openslide_get_level_count(slide)
        try check()
        return Int(count)
    }

    /// Width, height and downsample as OpenSlide states them, unchecked.
    func level(_ index: Int32) throws -> (width: Int64, height: Int64, downsample: Double) {
        var width: Int64 = -1
        var height: Int64 = -1
        openslide_get_level_dimensions(slide, index, &width, &height)
        let downsample = openslide_get_level_downsample(slide, index)
        try check()
        return (width, height, downsample)
    }

    func property(_ name: String) throws -> String? {
        let value = openslide_get_property_value(slide, name)
        try check()
        return value.map { String(cString: $0) }
    }

    /// Of every name.
    func properties() throws -> [String: String] {
        guard let names = openslide_get_property_names(slide) else {
            try check()
            return [:]
        }
        try check()
        var properties: [String: String] = [:]
        var index = 0
        while let name = names[index] {
            properties[String(cString: name)] = try property(String(cString: name))
            index += 1
        }
        return properties
    }

    /// Fills `pixels` (`width` × `height`) with premultiplied ARGB in native byte order.
    func read(_ pixels: UnsafeMutablePointer<UInt32>, level: Int32, x: Int, y: Int, width: Int, height: Int) throws {
        openslide_read_region(slide, pixels, Int64(x), Int64(y), level, Int64(width), Int64(height))
        try check()
    }

    private func check() throws {
        if let text = openslide_get_error(slide) { throw Fault(text: String(cString: text)) }
    }

    /// OpenSlide reads TIFF through libtiff, whose own lines on stderr would stand beside our one line per error.
    private static let silence: Void = ctiff_be_silent()
}
