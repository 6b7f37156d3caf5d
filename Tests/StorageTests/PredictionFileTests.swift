import Foundation
import Records
import Testing

@testable import Storage

@Suite struct PredictionFileTests {
    private func sample(grid: PatchGrid?, corners: [PixelPoint], threshold: Double?) throws -> PredictionFile {
        PredictionFile(
            prediction: Prediction(
                slide: try SlideID("S 1"),
                probabilities: [0.25, 0.75],
                threshold: threshold,
                branchAttention: [[0.5, 0.25, 0.25], [0, 0, 1]],
                attention: [0.25, 0.125, 0.625],
                corners: corners
            ),
            classes: ["normal", "tumor, \"late\""],
            model: "acmil",
            folds: [0, 1, 2],
            grid: grid,
            sideLevel0: nil,
            attributes: ["wsi_fingerprint": "abc", "wsi_encoder": "uni"]
        )
    }

    @Test func aPredictionComesBackAsItWasWritten() throws {
        let scratch = try Scratch()
        let grid = try sampleGrid(count: 3, slide: "S 1")
        let file = try sample(grid: grid, corners: grid.corners, threshold: 0.4)
        try file.write(to: scratch.file("a.h5"))
        #expect(try PredictionFile(contentsOf: scratch.file("a.h5")) == file)
        #expect(file.sideLevel0 == 512)
    }

    @Test func aPredictionOfForeignFeaturesNeedsNoGridAndNoThreshold() throws {
        let scratch = try Scratch()
        let file = try sample(grid: nil, corners: [], threshold: nil)
        try file.write(to: scratch.file("a.h5"))
        #expect(try PredictionFile(contentsOf: scratch.file("a.h5")) == file)
    }

    @Test func shapesThatDoNotFitAreRefused() throws {
        let scratch = try Scratch()
        var file = try sample(grid: nil, corners: [], threshold: nil)
        file.prediction.branchAttention[1].removeLast()
        #expect(throws: StorageError.self) { try file.write(to: scratch.file("a.h5")) }
        #expect(scratch.names.isEmpty)
    }

    @Test func aPatchFileIsNoPrediction() throws {
        let scratch = try Scratch()
        try PatchFile.write(try sampleGrid(count: 3), attributes: [:], to: scratch.file("a.h5"))
        #expect(throws: StorageError.self) { try PredictionFile(contentsOf: scratch.file("a.h5")) }
    }
}
