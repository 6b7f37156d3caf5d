import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

@Suite struct PredictionFileTests {
    private func sample(grid: PatchGrid?, corners: [PixelPoint], threshold: Double?) throws -> PredictionFile {
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

    @Test func severalSeedsSpeakAsOneWithARowForEach() throws {
        let scratch = try Scratch()
        let file = try sample(grid: nil, corners: [], threshold: 0.4)
        var other = file
        other.model = "acmil/seed_1"
        other.prediction.answer = .class(ClassAnswer([0.75, 0.25], threshold: 0.6))
        other.prediction.attention = [0.75, 0.125, 0.125]
        let urls = ["seed_0/a.h5", "seed_1/a.h5"].map { scratch.file($0) }
        try file.write(to: urls[0])
        try other.write(to: urls[1])
        let joined = try PredictionFile(seeds: urls)
        #expect(joined.model == "acmil, 2 seeds")
        let both = joined.prediction
        #expect(both.answer == .class(ClassAnswer([0.5, 0.5], threshold: 0.5)))
        #expect(both.rowNames == ["seed_0", "seed_1"] && both.attention == [0.5, 0.125, 0.375])
        #expect(both.branchAttention == [file.prediction.attention, other.prediction.attention])
        #expect(both.mainRows == [0, 1])
        #expect(try PredictionFile(seeds: [urls[0]]) == file)
        // A model that scores has no part in a map of shares.
        var scoring = other
        scoring.prediction.kind = .score
        try scoring.write(to: urls[1])
        for order in [urls, urls.reversed()] {
            let mixed = try PredictionFile(seeds: order).prediction
            #expect((mixed.kind, mixed.rowNames, mixed.mainRows) == (.attention, ["seed_0"], [0]))
            #expect(mixed.attention == file.prediction.attention && mixed.answer == both.answer)
        }
        other.classes = ["a", "b"]
        try other.write(to: urls[1])
        #expect(throws: StorageError.self) { try PredictionFile(seeds: urls) }
    }

    /// Two seeds, one of which judged by two folds.
    @Test func whatPatchesAddIsTheMeanOfAllModelsOrEachSeedsOwn() throws {
        let scratch = try Scratch()
        let file = try sample(grid: nil, corners: [], threshold: 0.4)
        let urls = ["seed_0/a.h5", "seed_1/a.h5"].map { scratch.file($0) }
        func joined(_ answer: Answer, _ rows: [[(String, [Float], Double)]]) throws -> PredictionFile {
            for (url, rows) in zip(urls, rows) {
                var own = file
                own.prediction.answer = answer
                if answer.ofClass == nil { own.classes = ["months"] }
                own.prediction.rowNames += rows.map(\.0)
                own.prediction.branchAttention += rows.map(\.1)
                let biases = Dictionary(uniqueKeysWithValues: rows.map { ($0.0, $0.2) })
                own.attributes[PredictionFile.biases] = try PredictionFile.text(biases: biases)
                try own.write(to: url)
            }
            return try PredictionFile(seeds: urls)
        }
        let ofClass = file.prediction.answer
        let rows: [[(String, [Float], Double)]] = [
            [("contribution_0", [1, 2, 3], 0.5)],
            [("fold_0.contribution_0", [4, 2, 0], 1), ("fold_1.contribution_0", [1, 2, 6], 3)],
        ]
        let mean = try joined(ofClass, rows)
        #expect(mean.prediction.rowNames == ["seed_0", "seed_1", "mean.contribution_0"])
        #expect(mean.prediction.branchAttention[2] == [2, 2, 3] && mean.bias(of: "mean.contribution_0") == 1.5)
        #expect(mean.prediction.mainRows == [0, 1])
        // One seed that tells more than the other, and Cox's log hazards, which have no common unit.
        let uneven = try joined(ofClass, [rows[0], []])
        #expect(uneven.prediction.rowNames == ["seed_0", "seed_1", "seed_0.contribution_0"])
        #expect(uneven.bias(of: "seed_0.contribution_0") == 0.5)
        let cox = try joined(.survival(SurvivalAnswer(risk: 1, times: [10], survival: [0.75])), rows)
        #expect(
            cox.prediction.rowNames.dropFirst(2) == [
                "seed_0.contribution_0", "seed_1.fold_0.contribution_0", "seed_1.fold_1.contribution_0",
            ]
        )
    }

    /// A seed that scores has no row in the map, and its contributions all the same.
    @Test func contributionsOfSeedsWithMapsOfOtherKindsStayUnderTheirOwnSeeds() throws {
        let scratch = try Scratch()
        let file = try sample(grid: nil, corners: [], threshold: 0.4)
        let urls = ["seed_0/a.h5", "seed_1/a.h5", "seed_2/a.h5"].map { scratch.file($0) }
        func joined(_ names: [String]) throws -> PredictionFile {
            for (place, (url, name)) in zip(urls, names).enumerated() {
                var own = file
                own.prediction.kind = place == 0 ? .score : .attention
                own.prediction.rowNames.append(name)
                own.prediction.branchAttention.append([Float(place), 3, 6])
                own.attributes[PredictionFile.biases] = try PredictionFile.text(biases: [name: Double(place)])
                try own.write(to: url)
            }
            return try PredictionFile(seeds: urls)
        }
        let mean = try joined(["contribution_0", "contribution_0", "contribution_0"])
        #expect(mean.prediction.rowNames == ["seed_1", "seed_2", "mean.contribution_0"])
        #expect(mean.prediction.branchAttention.last == [1, 3, 6] && mean.bias(of: "mean.contribution_0") == 1)
        // Without a common row each stands alone.
        let apart = try joined(["contribution_0", "contribution_0", "contribution_1"])
        let rows = ["seed_0.contribution_0", "seed_1.contribution_0", "seed_2.contribution_1"]
        #expect(apart.prediction.rowNames == ["seed_1", "seed_2"] + rows)
        #expect(apart.prediction.branchAttention.suffix(3).map(\.first) == [0, 1, 2])
        #expect(rows.map(apart.bias(of:)) == [0, 1, 2])
    }

    @Test func risksOfSeedsWithoutACommonMeasureAreNotJoined() throws {
        let scratch = try Scratch()
        var file = try sample(grid: nil, corners: [], threshold: nil)
        file.classes = ["months"]
        let urls = ["seed_0/a.h5", "seed_1/a.h5"].map { scratch.file($0) }
        func joined(_ measure: String?) throws -> SurvivalAnswer? {
            for (url, risk) in zip(urls, [1.0, 3]) {
                file.prediction.answer = .survival(SurvivalAnswer(risk: risk, times: [10], survival: [0.75]))
                file.attributes[PredictedVoices.riskMeasureName] = measure
                try file.write(to: url)
            }
            return try PredictionFile(seeds: urls).prediction.answer.ofSurvival
        }
        #expect(try joined(PredictedVoices.riskMeasure)?.risk == 2)
        let raw = try joined(nil)
        #expect(raw?.risk.isNaN == true && raw?.survival == [0.75])
        #expect(raw.map { Answer.survival($0).words(among: file.classes).result } == SurvivalAnswer.noJointRisk)
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
