import Foundation
import Imaging
import Records
import Storage
import Testing

@testable import Heatmaps

let white = RGB(255, 255, 255)
let lagoon = ColourMap(.lagoon)

func prediction(slide: String = "S1", attention: [Float], corners: [PixelPoint]) throws -> Prediction {
    Prediction(
        slide: try SlideID(slide),
        answer: .class(ClassAnswer([0.069, 0.931], threshold: 0.412)),
        branchAttention: [attention],
        attention: attention,
        corners: corners
    )
}

/// Maps of patches in a row, 512 level-0 pixels wide, with branches.
func slideMaps(branches: [[Float]], corners: [PixelPoint]? = nil, side: Int = 512) throws -> SlideMaps {
    let count = branches[0].count
    let places = corners ?? (0..<count).map { PixelPoint(x: $0 * side, y: 0) }
    return try SlideMaps(
        predictionFile(branches: branches, corners: places, side: side),
        attention: 0...10,
        score: 0...10
    )
}

func predictionFile(branches: [[Float]], corners: [PixelPoint], side: Int) throws -> PredictionFile {
    let mean = branches[0].indices.map { patch in branches.reduce(0) { $0 + $1[patch] } / Float(branches.count) }
    var prediction = try prediction(attention: mean, corners: corners)
    prediction.branchAttention = branches
    prediction.rowNames = branches.indices.map { "branch_\($0)" }
    return PredictionFile(
        prediction: prediction,
        classes: ["normal", "tumor"],
        model: "acmil",
        folds: [0],
        grid: nil,
        sideLevel0: side,
        attributes: ["wsi_encoder": "he-texture-v1"]
    )
}

/// A picture without two equal neighbours, so that a moved or touched byte shows.
func pattern(width: Int, height: Int) throws -> RGBImage {
    var random = CounterRandom(seed: 7, "pattern")
    return RGBImage(
        width: width,
        height: height,
        pixels: (0..<width * height * 3).map { _ in UInt8(random.index(below: 256)) }
    )
}
