import CJPEG
import Records

/// What a JPEG stream says of its components.
struct JPEGEvidence: Equatable {
    /// Of its Adobe APP14 marker: 0 none (RGB), 1 YCbCr; nil without the marker.
    var adobeTransform: Int?
    /// Of its frame header, in order.
    var componentIDs: [UInt8]
    var hasJFIF: Bool
    /// Whether a component has fewer samples than the first.
    var isSubsampled: Bool
}

/// What the components of a level's JPEG tiles are: decided once for each level, in this one place, for every reader.
enum JPEGColour {
    /// - Parameters:
    ///   - evidence: of a tile of the level.
    ///   - photometric: the TIFF's tag 262.
    /// - Throws: `SlideFault` where the evidence contradicts itself and no rule decides.
    static func components(
        _ evidence: JPEGEvidence,
        photometric: UInt16,
        _ rules: ReadingRules
    ) throws -> cjpeg_components {
        photometric == 6 ? CJPEG_YCBCR : CJPEG_RGB
    }
}
