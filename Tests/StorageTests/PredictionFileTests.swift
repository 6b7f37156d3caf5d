import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

@Suite struct PredictionFileTests {
    func sample(grid: PatchGrid?, corners: [PixelPoint], threshold: Double?) throws -> PredictionFile {
        PredictionFile(
            prediction: Prediction(
                slide: try SlideID("S 1"),
                answer: .class(ClassAnswer([0.25, 0.75], threshold: threshold)),
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

    /// Programs that know of classes alone read no further than 2.
    @Test func answersThatAreNoClassHaveAVersionOfTheirOwn() throws {
        let scratch = try Scratch()
        var file = try sample(grid: nil, corners: [], threshold: nil)
        func version() throws -> Int? {
            try file.write(to: scratch.file("a.h5"))
            #expect(try PredictionFile(contentsOf: scratch.file("a.h5")) == file)
            return try HDF5File.open(scratch.file("a.h5")).root.value("wsi_prediction_version")?.integer
        }
        #expect(try version() == 2)
        file.prediction.answer = .labels(LabelsAnswer([0.2, 0.7]))
        #expect(try version() == 3)
        file.prediction.answer = .number(NumberAnswer(3.5))
        file.classes = ["amount"]
        #expect(try version() == 3)
    }

    /// Without the text one target is asked; one that cannot be read is no such file, nor do seeds of other targets speak as one.
    @Test func answersToFurtherTargetsAreReadOrRefused() throws {
        let scratch = try Scratch()
        var file = try sample(grid: nil, corners: [], threshold: nil)
        let (one, two) = (scratch.file("seed_0/a.h5"), scratch.file("seed_1/a.h5"))
        try file.write(to: one)
        #expect(try PredictedVoices.all(in: one).count == 1)
        let amount = Question(name: "amount", kind: .number, classes: ["amount"])
        let further = FurtherAnswer(amount, answer: .number(NumberAnswer(17)), folds: nil)
        file.attributes.merge(try PredictionFile.attributes(target: "stage", further: [further])) { $1 }
        try file.write(to: one)
        #expect(try PredictedVoices.all(in: one).map(\.target) == ["stage", "amount"])
        file.attributes.merge(try PredictionFile.attributes(target: "stage", further: [])) { $1 }
        try file.write(to: two)
        #expect(throws: StorageError.self) { try PredictionFile(seeds: [one, two]) }
        #expect(throws: StorageError.self) { try PredictionFile(seeds: [two, one]) }
        file.attributes["wsi_targets"] = "[{"
        // What is written is read back.
        #expect(throws: StorageError.self) { try file.write(to: two) }
        try HDF5File.make(at: two, file.fill)
        #expect(throws: StorageError.self) { try PredictedVoices.all(in: two) }
    }

    @Test(arguments: [0, -256, Int.max])
    func aSideThatNoPatchCanHaveIsRefused(_ side: Int) throws {
        let scratch = try Scratch()
        var file = try sample(grid: nil, corners: [], threshold: nil)
        file.sideLevel0 = side
        #expect(throws: StorageError.self) { try file.write(to: scratch.file("a.h5")) }
    }

    @Test func probabilitiesAndThresholdsAreNumbers() throws {
        let scratch = try Scratch()
        var file = try sample(grid: nil, corners: [], threshold: .nan)
        #expect(throws: StorageError.self) { try file.write(to: scratch.file("a.h5")) }
        file.prediction.answer = .class(ClassAnswer([.infinity, 0.75], threshold: 0.5))
        #expect(throws: StorageError.self) { try file.write(to: scratch.file("a.h5")) }
    }

    @Test func aPredictionOfForeignFeaturesNeedsNoGridAndNoThreshold() throws {
        let scratch = try Scratch()
        let file = try sample(grid: nil, corners: [], threshold: nil)
        try file.write(to: scratch.file("a.h5"))
        #expect(try PredictionFile(contentsOf: scratch.file("a.h5")) == file)
    }

    @Test func theKindAndTheNamesOfTheRowsComeBackToo() throws {
        let scratch = try Scratch()
        var file = try sample(grid: nil, corners: [], threshold: nil)
        file.prediction.kind = .score
        file.prediction.rowNames = ["student", "teacher"]
        try file.write(to: scratch.file("a.h5"))
        let read = try PredictionFile(contentsOf: scratch.file("a.h5"))
        #expect(read == file)
        #expect(read.attributes["wsi_score_kind"] == nil && read.attributes["wsi_row_names"] == nil)
    }

    @Test func aFileFromBeforeTheyWereWrittenHoldsBranchesOfAttention() throws {
        let scratch = try Scratch()
        try HDF5File.make(at: scratch.file("old.h5")) { file in
            try GridFacts.writeCorners([], named: "coords", facts: [], to: file)
            try file.root.set("wsi_format_version", .integer(GridFacts.formatVersion))
            try file.root.set("wsi_complete", .integer(1))
            try file.root.set("wsi_slide", .text("S 1"))
            try file.root.set("wsi_model", .text("acmil"))
            try file.root.set("wsi_folds", .integers([0]))
            try file.root.set("wsi_classes", .text(#"["normal","tumor"]"#))
            try file.root.set("wsi_probabilities", .numbers([0.25, 0.75]))
            try file.create("attention", .float32, shape: [2]).write([0.5, 0.5] as [Float])
            try file.create("branch_attention", .float32, shape: [2, 2]).write([0.25, 0.75, 0.75, 0.25] as [Float])
        }
        let old = try PredictionFile(contentsOf: scratch.file("old.h5")).prediction
        #expect(old.kind == .attention && old.mainRows == nil)
        #expect(old.rowNames == ["branch_0", "branch_1"])
        #expect(old.branchAttention == [[0.25, 0.75], [0.75, 0.25]])
    }

    @Test func theRowsThatTheModelDecidesByComeBackAndAreNoFurtherText() throws {
        let scratch = try Scratch()
        var file = try sample(grid: nil, corners: [], threshold: nil)
        file.prediction.mainRows = [1]
        try file.write(to: scratch.file("a.h5"))
        let read = try PredictionFile(contentsOf: scratch.file("a.h5"))
        #expect(read == file && read.prediction.mainRows == [1])
        #expect(read.attributes.keys.sorted() == ["wsi_encoder", "wsi_fingerprint"])
    }

    @Test(arguments: [[], [2], [-1], [1, 0], [0, 0]])
    func mainRowsThatAreNoRowsAreRefused(_ rows: [Int]) throws {
        let scratch = try Scratch()
        var file = try sample(grid: nil, corners: [], threshold: nil)
        file.prediction.mainRows = rows
        #expect(throws: StorageError.self) { try file.write(to: scratch.file("a.h5")) }
    }

    /// A file as of later versions, of which nothing but the version is looked at.
    @Test(arguments: [(HDF5Value.integer(4), "4"), (.integer(0), "0"), (.text("two"), "0")])
    func aVersionThatIsNotKnownIsRefusedWithWhatToDo(_ version: HDF5Value, _ shown: String) throws {
        let scratch = try Scratch()
        try HDF5File.make(at: scratch.file("new.h5")) { file in
            try file.root.set("wsi_format_version", .integer(GridFacts.formatVersion))
            try file.root.set("wsi_complete", .integer(1))
            try file.root.set("wsi_prediction_version", version)
            try file.root.set("wsi_slide", .text("S 1"))
            try file.root.set("wsi_model", .text("acmil"))
            try file.root.set("wsi_folds", .integers([0]))
            try file.root.set("wsi_classes", .text(#"["normal","tumor"]"#))
        }
        let error = try #require(throws: StorageError.self) {
            try PredictionFile(contentsOf: scratch.file("new.h5"))
        }
        #expect(
            error
                == .malformed(
                    path: scratch.file("new.h5").path,
                    reason: "prediction version \(shown), this program reads 1 to 3; "
                        + "use the wsi that wrote it, or run 'wsi predict' for this slide"
                )
        )
    }

    @Test func namesThatDoNotFitTheRowsAreRefused() throws {
        let scratch = try Scratch()
        var file = try sample(grid: nil, corners: [], threshold: nil)
        file.prediction.rowNames = ["student"]
        #expect(throws: StorageError.self) { try file.write(to: scratch.file("a.h5")) }
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
