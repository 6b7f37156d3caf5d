extension SlideFormat {
    static let aperio = SlideFormat(name: "Aperio SVS", endings: ["svs"])
    /// Pyramids in TIFF as converters write them, OME-TIFF and Philips' among them.
    static let tiff = SlideFormat(name: "TIFF", endings: ["tif", "tiff"])
    /// A TIFF of its own kind.
    static let phenoImager = SlideFormat(name: "Akoya QPTIFF", endings: ["qptiff"])
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
