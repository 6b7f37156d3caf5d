import CPNG
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
        probabilities: [0.069, 0.931],
        threshold: 0.412,
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

/// The pixels of a PNG file, four bytes each.
func decoded(png: Data) throws -> (width: Int, height: Int, rgba: [UInt8]) {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    let rgba = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    return try png.withUnsafeBytes { bytes in
        try #require(png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0)
        image.format = rgba
        var pixels = [UInt8](repeating: 0, count: Int(image.width * image.height * 4))
        try #require(png_image_finish_read(&image, nil, &pixels, 0, nil) != 0)
        return (Int(image.width), Int(image.height), pixels)
    }
}

/// Hands over a fresh folder and removes it.
func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-review-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
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
