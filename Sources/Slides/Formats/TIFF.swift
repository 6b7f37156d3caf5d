import CTIFF
import Foundation

extension SlideFormat {
    static let aperio = SlideFormat(name: "Aperio SVS", endings: ["svs"])
    /// Pyramids in TIFF as converters write them, OME-TIFF and Philips' among them.
    static let tiff = SlideFormat(name: "TIFF", endings: ["tif", "tiff"])
}

/// The resolution tags of a TIFF's first directory, as µm per pixel.
struct TIFFResolution: Equatable {
    var mppX: Double
    var mppY: Double
    var isPerInch: Bool

    /// nil where the file has no resolution, or one without a unit of length.
    /// - Parameters:
    ///   - x, y: pixels for each unit.
    ///   - unit: `centimeter` or `inch`.
    init?(x: Double?, y: Double?, unit: String?) {
        guard let x, let y, x > 0, y > 0 else { return nil }
        let microns: Double
        switch unit {
        case "centimeter": (microns, isPerInch) = (10_000, false)
        case "inch": (microns, isPerInch) = (25_400, true)
        default: return nil
        }
        mppX = microns / x
        mppY = microns / y
    }
}

extension SlideOpening {
    /// OpenSlide opens single-channel TIFFs and fails, or makes them grey, only when pixels are read.
    /// - Throws: `SlideError.format`; of the machine where the file cannot be looked into, although it has just been opened.
    func checkFormat(vendor: String) throws {
        guard ["generic-tiff", "aperio"].contains(vendor) else { return }
        var format = ctiff_pixel_format()
        let path = files.main.path
        guard ctiff_read_pixel_format(path, &format) == 0 || ctiff_read_pixel_format(path, &format) == 0 else {
            throw fault() ?? SlideError.unsteady(file: file, "its first directory cannot be read")
        }
        let (rgb, palette, yCbCr): (UInt16, UInt16, UInt16) = (2, 3, 6)
        let isColour =
            format.photometric == palette
            || ([rgb, yCbCr].contains(format.photometric) && format.samples_per_pixel >= 3)
        guard isColour, format.bits_per_sample == 8 else {
            let samples = format.samples_per_pixel == 1 ? "1 sample" : "\(format.samples_per_pixel) samples"
            throw SlideError.format(
                found: "\(samples) of \(format.bits_per_sample) bits with TIFF photometric \(format.photometric)"
            )
        }
    }
}
