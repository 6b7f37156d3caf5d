import Foundation

/// A bar of a round length in µm or mm.
struct ScaleBar: Equatable {
    /// 1, 2 or 5 times a power of ten.
    let microns: Double
    /// Length in pixels of the picture.
    let pixels: Double

    /// The longest round bar of at most `limit` pixels; nil where there is none.
    init?(micronsPerPixel: Double, limit: Double) {
        guard micronsPerPixel > 0, micronsPerPixel.isFinite, limit >= 1 else { return nil }
        microns = RoundNumber.largest(atMost: limit * micronsPerPixel)
        pixels = microns / micronsPerPixel
    }

    var label: String {
        microns >= 1000 ? "\(RoundNumber.text(microns / 1000)) mm" : "\(RoundNumber.text(microns)) µm"
    }
}
