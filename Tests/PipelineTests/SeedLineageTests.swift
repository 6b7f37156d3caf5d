import Foundation
import Records
import Storage
import Testing

@testable import Files
@testable import Pipeline

/// What is made of several seeds together.
extension LineageTests {
    /// Of two seeds, each of which has predicted both slides.
    @Test func anEnsembleFollowsFromThePredictionsOfEverySeed() throws {
        let seeds = ["seed_1", "seed_2"]
        for seed in seeds {
            try train("n/\(seed)")
            for (id, fold) in [("a", 0), ("b", 1)] { try predict(id, fold, of: "n/\(seed)") }
        }
        func join() throws {
            let inputs = try seeds.map { seed in
                let versions = try ["a", "b"].flatMap { [$0, try version("predict_n/\(seed)", $0)] }
                return (seed, try CanonicalJSON.fingerprint(texts: versions))
            }
            try record("ensemble_n", "ensemble", inputs: Dictionary(uniqueKeysWithValues: inputs))
        }
        try join()
        #expect(try changes("ensemble_n", "ensemble").isEmpty && stale("ensemble_n").isEmpty)
        try train("n/seed_2", epochs: 6)
        #expect(try changes("ensemble_n", "ensemble") == ["seed_2"] && stale("ensemble_n") == ["ensemble"])
        func reason() throws -> String {
            let stage = try #require(try JobStatus(of: layout).stages.first { $0.name == "ensemble_n" })
            return try #require(stage.staleReasons.first).message
        }
        #expect(try reason().hasSuffix("run wsi predict \(layout.root.path) --model n --redo"))
        for (id, fold) in [("a", 0), ("b", 1)] { try predict(id, fold, of: "n/seed_2") }
        // What is to be joined is up to date, and predicting joins it.
        #expect(try reason() == "seed_2 changed since; run wsi predict \(layout.root.path) --model n")
        try join()
        #expect(try stale("ensemble_n").isEmpty)
        try record("predict_n/seed_1", "a", inputs: ["features": "others"])
        #expect(try changes("ensemble_n", "ensemble") == ["seed_1"])
    }

    /// Seeds that took no part stand among a summary's inputs with their reason.
    @Test func aSummaryWithoutASeedIsNotStaleForThat() throws {
        let metrics = "training/n/seed_1/metrics.json"
        var judged = try record("evaluate_n/seed_1", "metrics")
        judged.outputs = [metrics: "digest"]
        try CanonicalJSON.write(judged, to: layout.outcome(stage: judged.stage, judged.unit))
        try record("summarise_n", "metrics", inputs: ["seed_1": "digest", "seed_2_fold_0": "it is not trained"])
        #expect(try changes("summarise_n", "metrics").isEmpty)
        try record("summarise_n", "metrics", inputs: ["seed_1": "another", "seed_2_fold_0": "it is not trained"])
        #expect(try changes("summarise_n", "metrics") == ["seed_1"])
    }
}
