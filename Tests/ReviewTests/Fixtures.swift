import Foundation
import Records
import Storage

@testable import Review

let white = RGB(255, 255, 255)
let lagoon = ColourMap(.lagoon)

func prediction(slide: String = "S1", attention: [Float], corners: [PixelPoint]) throws -> Prediction {
    Prediction(
        slide: try SlideID(slide),
        probabilities: [0.069, 0.931],
        threshold: 0.412,
        branchAttention: [attention],
        attention: attention,
        corners: corners
    )
}

/// A picture without two equal neighbours, so that a moved or touched byte shows.
func pattern(width: Int, height: Int) throws -> RasterImage {
    var random = CounterRandom(seed: 7, "pattern")
    return try RasterImage(
        width: width,
        height: height,
        pixels: (0..<width * height * 3).map { _ in UInt8(random.index(below: 256)) }
    )
}
