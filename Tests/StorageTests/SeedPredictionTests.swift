import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

/// Several seeds that speak of a slide together.
extension PredictionFileTests {
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
                let facts = ExplanationFacts(whole: 4, residual: Double(place), nodes: 8)
                own.attributes.merge(
                    try PredictionFile.attributes(explained: [(name, bias: Double(place), facts: facts)])
                ) { $1 }
                try own.write(to: url)
            }
            return try PredictionFile(seeds: urls)
        }
        let mean = try joined(["contribution_0", "contribution_0", "contribution_0"])
        #expect(mean.prediction.rowNames == ["seed_1", "seed_2", "mean.contribution_0"])
        #expect(mean.prediction.branchAttention.last == [1, 3, 6] && mean.bias(of: "mean.contribution_0") == 1)
        // Without a common row each stands alone.
        let called = try joined(["ig_1", "ig_1", "ig_1"])
        #expect(called.explanationFacts(of: "mean.ig_1") == ExplanationFacts(whole: 4, residual: 2, nodes: 8))
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
}
